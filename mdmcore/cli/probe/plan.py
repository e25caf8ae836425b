"""What a probe is asked to do: the phone, the way to the server, the steps; from the command line.

Words of the command line become values here, with a ConfigError that says what is wrong.
"""

from __future__ import annotations

import getpass
import ipaddress
import os
import sys
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from mdmcore.cli.life import machine_clock
from mdmcore.cli.name_server import PORT as DNS_PORT
from mdmcore.cli.name_server import NameServer
from mdmcore.cli.probe.choices import StepName
from mdmcore.cli.transport import Address, TlsSide, Whereabouts
from mdmcore.errors import ConfigError
from mdmcore.namespaces import DISCOVERY_PATH
from mdmcore.phone.settings import Clock, PhoneSettings
from mdmcore.profiles import FEDERATED, device_profile

PASSWORD_VARIABLE = "MDMPROXY_PASSWORD"
_MAX_PASSWORD = 1024
_MAX_CA_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the phone gets to its server, and what it trusts. ``resolve``, ``name_server`` and
    ``ports`` as in ``Whereabouts``."""

    proxy: str | None = None
    resolve: tuple[tuple[str, Address], ...] = ()
    name_server: NameServer | None = None
    ports: tuple[tuple[str, int], ...] = ()
    authority_pem: str = field(default="", repr=False)
    verifies: bool = True
    any_tls: bool = False
    offers_certificate: bool = True
    timeout_s: float = 30.0

    def whereabouts(self) -> Whereabouts:
        """Where its servers are."""
        return Whereabouts(
            dict(self.resolve),
            name_server=self.name_server,
            ports=dict(self.ports),
            timeout_s=self.timeout_s,
        )

    def tls_side(self, settings: PhoneSettings, clock: Clock) -> TlsSide:
        """The TLS of that phone; its clock decides about dates where it is set."""
        device = settings.device
        return TlsSide(
            authority_pem=self.authority_pem,
            versions=() if self.any_tls else device.tls_versions,
            trusts_system=True,
            verifies=self.verifies,
            takes_wildcards=device.takes_wildcard_certificates,
            minds_certificate_request=device.ends_when_asked_for_certificate,
            clock=None if clock is machine_clock else clock,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One life to be lived. ``encoding``: the media type of DM messages instead of the one that
    the document orders."""

    name: str
    settings: PhoneSettings
    way: Way
    clock: Clock = machine_clock
    skip: frozenset[StepName] = frozenset()
    keeps_going: bool = False
    renews_now: bool = False
    encoding: str | None = None
    note: str = ""

    def asked(self) -> dict[str, str]:
        """What this phone is like, for people and for the JSON document."""
        settings, way = self.settings, self.way
        known = {
            "profile": settings.profile,
            "device": settings.device.title,
            "email": settings.email,
            "user": settings.username,
            "server": settings.server or "",
            "proxy": way.proxy or "",
            "dns_server": str(way.name_server or ""),
            "request_version": settings.request_version or "",
            "auth_policies": ", ".join(settings.offered_auth_policies or ()),
            "encoding": self.encoding or "",
            "device_id": settings.device_id,
        }
        return {name: value for name, value in known.items() if value}


def chosen_server(email: str | None, url: str | None, server: str | None) -> tuple[str, str | None]:
    """E-mail address, and what the user types as the server's: a host or a whole URL of discovery
    (``None``: nothing, so that the address leads to it)."""
    if url is not None and server is not None:
        raise ConfigError("--url and --server say the same: give one of them")
    typed = server if url is None else _typed(url)
    if email is not None:
        if "@" not in email and typed is None:
            raise ConfigError(f"{email!r} is no e-mail address; give --url for a server")
        return email, typed
    if typed is None:
        raise ConfigError("say whom to probe: an e-mail address, or --url URL")
    return f"probe@{_split(typed).hostname or typed}", typed


def _typed(url: str) -> str:
    """The host where discovery has its usual place, else the whole URL."""
    try:
        parts = _split(url)
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"--url {url}: {error}") from None
    problem = _url_problem(url, parts, port)
    if problem:
        raise ConfigError(f"--url {url}: {problem}")
    is_usual = parts.path.rstrip("/").lower() in ("", DISCOVERY_PATH.lower()) and not parts.query
    if is_usual and parts.scheme == "https":
        return parts.netloc
    return parts._replace(path=DISCOVERY_PATH if is_usual else parts.path or "/").geturl()


def _url_problem(url: str, parts: SplitResult, port: int | None) -> str:
    """Why discovery cannot begin there, empty when it can."""
    if any(character.isspace() for character in url):
        return "there are blanks in it"
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme}:// is not asked by a device, use https://HOST[:PORT][/PATH]"
    if not parts.hostname:
        return "it names no host, use https://HOST[:PORT][/PATH]"
    if port == 0:
        return "a port is a number from 1 to 65535"
    if "@" in parts.netloc:
        return "user and password do not belong in it, use --user and --password"
    return "leave out what stands behind #" if parts.fragment else ""


def _split(typed: str) -> SplitResult:
    return urlsplit(typed if "://" in typed else f"https://{typed}")


def read_password(given: str | None) -> str:
    """The password: ``-`` reads a line of stdin; without one the environment, then the terminal."""
    if given == "-":
        return sys.stdin.readline(_MAX_PASSWORD).rstrip("\r\n")
    if given is not None:
        return given
    found = os.environ.get(PASSWORD_VARIABLE)
    if found is not None:
        return found
    if sys.stdin.isatty():
        return getpass.getpass("Password: ", stream=sys.stderr)
    raise ConfigError(f"no password: set {PASSWORD_VARIABLE}, or give --password - and a line")


def read_addresses(given: Iterable[str]) -> tuple[tuple[str, Address], ...]:
    """``HOST:IP`` or ``HOST:IP:PORT``; an IPv6 address stands in brackets."""
    return tuple(_address(text) for text in given)


def _address(text: str) -> tuple[str, Address]:
    host, _, rest = text.partition(":")
    try:
        ip, port = _ip_and_port(rest)
    except ValueError:
        host = ""
    if not host:
        raise ConfigError(f"--resolve {text}: use HOST:IP or HOST:IP:PORT")
    return host.lower(), Address(ip=ip, port=port)


def read_name_server(text: str) -> NameServer:
    """``IP`` or ``IP:PORT``; an IPv6 address with a port stands in brackets."""
    try:
        try:
            ip, port = str(ipaddress.ip_address(text)), None
        except ValueError:
            ip, port = _ip_and_port(text)
    except ValueError:
        raise ConfigError(f"--dns-server {text}: use IP or IP:PORT, as 192.0.2.7:53") from None
    return NameServer(ip=ip, port=port or DNS_PORT)


def _ip_and_port(text: str) -> tuple[str, int | None]:
    """``IP`` or ``IP:PORT``; ValueError for anything else."""
    if text.startswith("["):
        ip, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(text)
        port = rest.removeprefix(":")
    else:
        ip, _, port = text.partition(":")
    number = int(port) if port else None
    if number is not None and not 0 < number < 65536:
        raise ValueError(port)
    return str(ipaddress.ip_address(ip)), number


def read_authorities(files: Iterable[Path]) -> str:
    """The PEM texts of these files, one after another."""
    texts = []
    for path in files:
        try:
            data = path.read_bytes()[:_MAX_CA_BYTES]
        except OSError as error:
            raise ConfigError(f"--ca {path}: {(error.strerror or str(error)).lower()}") from None
        if b"-----BEGIN CERTIFICATE-----" not in data:
            raise ConfigError(f"--ca {path}: no certificate in PEM form is in it")
        texts.append(data.decode("ascii", "replace"))
    return "\n".join(texts)


def phone_clock(text: str | None) -> Clock:
    """The phone's clock: it shows that time now and goes on from there."""
    if text is None:
        return machine_clock
    try:
        shown = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--clock {text}: use a time as 2014-05-01T12:00:00Z") from None
    if shown.tzinfo is None:
        shown = shown.replace(tzinfo=UTC)
    ahead = shown - machine_clock()
    return lambda: machine_clock() + ahead


def offered_policies(profile: str, *, federated: bool) -> tuple[str, ...] | None:
    """What the phone offers: what its generation does, or Federated alone."""
    if not federated:
        return None
    device = device_profile(profile)
    if FEDERATED not in device.auth_policies:
        raise ConfigError(f"--federated: {device.title} knows no Federated enrolment")
    return (FEDERATED,)


def new_device_id() -> str:
    """A device that no server knows yet."""
    return f"urn:uuid:{str(uuid.uuid4()).upper()}"
