"""Checks of how a phone reaches this computer: port, addresses, names."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Iterable

from mdmcore.cli.doctor.result import Check, Level, Result, Setup, ok, problem, warning
from mdmcore.cli.doctor.running import check_running
from mdmcore.mitm.addresses import (
    Address,
    host_addresses,
    is_everywhere,
    of_same_version,
    parse_address,
)

DIRECT_PORTS = (("DNS", 53, socket.SOCK_DGRAM), ("HTTP", 80, 0), ("HTTPS", 443, 0))
"""What a phone without a proxy setting uses, and its transport (0: TCP)."""

_LOOKUP_S = 5.0
_IN_USE = frozenset({errno.EADDRINUSE, 10048})


def check_port(setup: Setup) -> Result | None:
    """Whether the proxy can listen, or which program does so already."""
    if setup.port == 0:
        return None
    error = listen_error(setup.host, setup.port)
    where = f"{setup.host}:{setup.port}"
    if error is None:
        return ok(f"{where} is free", {"port": setup.port})
    if error.errno in _IN_USE:
        return check_running(setup)
    reason = (error.strerror or str(error)).lower()
    return problem(
        f"cannot listen on {where}: {reason}",
        "choose another --listen-host or --listen-port",
        {"port": setup.port},
    )


def check_addresses(setup: Setup) -> Result:
    """What to type into the phone's proxy setting."""
    host = parse_address(setup.host)
    if host is None and not is_everywhere(setup.host):
        return warning(f"{setup.host} is no address", "give --listen-host an address of this host")
    if host is not None and host.is_loopback:
        texts = [str(address) for address in _reachable("0.0.0.0")]
        typed = f"; then type {' or '.join(texts)} as proxy into it" if texts else ""
        return warning(
            f"a proxy on {setup.host} is for programs on this computer only",
            f"for a phone start with --listen-host 0.0.0.0{typed}",
            {"addresses": texts},
        )
    texts = [str(address) for address in _reachable(setup.host)]
    if not texts:
        text = "this computer has no address that a phone could reach"
        return problem(text, "connect it to the phone's network", {"addresses": texts})
    port = f", port {setup.port}" if setup.port else ""
    return ok(f"type as proxy into the phone: {' or '.join(texts)}{port}", {"addresses": texts})


def _reachable(host: str) -> tuple[Address, ...]:
    """Where phones reach a proxy that listens there."""
    if is_everywhere(host):
        return of_same_version(host, host_addresses())
    address = parse_address(host)
    return () if address is None else (address,)


def check_names(setup: Setup) -> Result | None:
    """Whether the names of the mail domains exist in DNS. The emulator needs none of them."""
    if not setup.domains:
        return None
    hosts = [f"{part}{domain}" for domain in setup.domains for part in _PARTS]
    found = {host: resolve(host) for host in hosts}
    missing = [host for host, addresses in found.items() if not addresses]
    texts = [f"{host} is {', '.join(addresses)}" for host, addresses in found.items() if addresses]
    if missing:
        texts.append(f"{', '.join(missing)}: not in DNS")
    needs_none = "a phone that uses the emulator as its proxy, or its DNS server, needs none"
    return Result(
        level=Level.OK,
        message=f"{'; '.join(texts)}; {needs_none}",
        rule="host-name-unresolved" if missing else "",
        facts={"names": {host: list(addresses) for host, addresses in found.items()}},
    )


def check_direct_ports(setup: Setup) -> Result | None:
    """The ports of the protocols themselves, for phones without a proxy setting."""
    if not setup.without_proxy:
        return None
    errors = {
        f"{name} ({port})": error
        for name, port, kind in DIRECT_PORTS
        if (error := listen_error(setup.host, port, kind or socket.SOCK_STREAM)) is not None
    }
    if not errors:
        return ok("the ports for DNS, HTTP and HTTPS (53, 80, 443) are free")
    if _all_served(setup, errors.values()):
        return ok("the ports for DNS, HTTP and HTTPS are in use, as by a running `emulate --dns`")
    refused = {name: (error.strerror or str(error)).lower() for name, error in errors.items()}
    texts = "; ".join(f"{name}: {reason}" for name, reason in refused.items())
    return problem(
        f"cannot listen for phones without a proxy setting: {texts}",
        "stop what listens there (a local DNS service, a web server), or allow this user to use "
        "ports below 1024",
        {"refused": refused},
    )


def _all_served(setup: Setup, errors: Iterable[OSError]) -> bool:
    """Whether all are taken, and a mitmproxy runs that may have taken them."""
    taken = [error for error in errors if error.errno in _IN_USE]
    if len(taken) < len(DIRECT_PORTS) or listen_error(setup.host, setup.port) is None:
        return False
    return check_running(setup).level is not Level.PROBLEM


def listen_error(
    host: str, port: int, kind: socket.SocketKind | int = socket.SOCK_STREAM
) -> OSError | None:
    """Why nobody can listen there, ``None`` when it works. Nothing stays open."""
    address = parse_address(host)
    family = socket.AF_INET6 if address is not None and address.version == 6 else socket.AF_INET
    try:
        with socket.socket(family, kind) as probe:
            if kind == socket.SOCK_STREAM and hasattr(socket, "SO_REUSEADDR"):
                # As servers do: a port whose last connections linger is free.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        return error
    return None


def resolve(host: str, *, timeout_s: float = _LOOKUP_S) -> tuple[str, ...]:
    """The addresses of a name, none when it does not exist or nobody answers in time."""
    found: list[str] = []

    def look_up() -> None:
        try:
            infos = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.extend(dict.fromkeys(str(info[4][0]) for info in infos))

    # The system's own time-out is long and cannot be set; a daemon does not hold up the end.
    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(timeout_s)
    return tuple(found)


_PARTS = ("enterpriseenrollment.", "mdm.", "")
CHECKS = (
    Check(name="listen-port", group="network", function=check_port),
    Check(name="addresses", group="network", function=check_addresses),
    Check(name="names", group="network", function=check_names),
    Check(name="direct-ports", group="network", function=check_direct_ports),
)
