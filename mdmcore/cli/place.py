"""Where ``inspect`` stands: before one server, in the way of everything, or as mitmproxy can.

Options that exclude each other are told here, in one line, before anything starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.mitm.direct import DirectPorts

_DISCOVERY = "enterpriseenrollment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """``modes`` are mitmproxy's, empty for the usual ones. ``dns_names`` are the hosts that resolve
    to us, ``names`` all that are the server's; ``login`` is ``user:password`` of a proxy behind."""

    upstream: str | None
    upstream_proxy: str = ""
    modes: tuple[str, ...] = ()
    direct: DirectPorts | None = None
    dns_names: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    login: str = ""
    has_reverse_mode: bool = False

    @property
    def knows_server(self) -> bool:
        """Whether it is known which hosts are the server's."""
        return self.upstream is not None or bool(self.names) or self.has_reverse_mode

    def hints(self, port: int) -> list[str]:
        """What to do next, once it listens on that port."""
        if self.upstream is not None:
            return [f"passing everything on to {self.upstream}"]
        if self.upstream_proxy:
            return [
                f"set the device's proxy to this computer, port {port}",
                f"passing everything on to the proxy {self.upstream_proxy}",
            ]
        if self.modes:
            return [f"mitmproxy's mode {', '.join(self.modes)}"]
        return [f"set the device's proxy to this computer, port {port}"]


def place_of(
    *,
    upstream: str | None,
    upstream_proxy: str | None,
    modes: Sequence[str],
    domains: Sequence[str],
    dns: bool,
    ports: tuple[int, int, int],
) -> Place:
    """What the options mean together; ``ports`` are those of DNS, HTTPS and HTTP. ConfigError."""
    given = [
        *(["--upstream"] if upstream is not None else []),
        *(["--upstream-proxy"] if upstream_proxy is not None else []),
        *(["--mode"] if modes else []),
    ]
    if len(given) > 1:
        raise ConfigError(f"{' and '.join(given)} exclude each other")
    _check_domains(domains)
    if dns and upstream is None:
        raise ConfigError("--dns goes with --upstream: say where the real server is")
    if upstream is not None:
        return _before(upstream, domains, dns, ports)
    names = tuple(name for one in domains for name in (one, f"*.{one}"))
    if upstream_proxy is not None:
        from mdmcore.mitm.modes import parse_upstream_proxy

        proxy = parse_upstream_proxy(upstream_proxy, option="--upstream-proxy")
        return Place(
            upstream=None,
            upstream_proxy=proxy.url,
            modes=(proxy.mode,),
            names=names,
            login=proxy.login,
        )
    if not modes:
        return Place(upstream=None, names=names)
    from mdmcore.mitm.modes import check_modes, has_reverse

    checked = check_modes(modes, option="--mode")
    return Place(upstream=None, modes=checked, names=names, has_reverse_mode=has_reverse(checked))


def _before(upstream: str, domains: Sequence[str], dns: bool, ports: tuple[int, int, int]) -> Place:
    """In front of one server, to which devices are led by DNS if wanted."""
    host = _host_of(upstream)
    if not dns:
        return Place(upstream=upstream)
    from mdmcore.mitm.direct import DirectPorts

    names = tuple(dict.fromkeys(_names(host, domains)))
    if not names:
        raise ConfigError("--dns goes with --domain where the server has no name of its own")
    dns_port, https, http = ports
    direct = DirectPorts(host=host, upstream=upstream, dns=dns_port, https=https, http=http)
    return Place(upstream=upstream, direct=direct, dns_names=names, names=names)


def _names(host: str, domains: Sequence[str]) -> Iterable[str]:
    """The server's own name and where devices of these domains look for it.

    Not the domains themselves: their websites and mail are somebody else's.
    """
    _, _, rest = host.partition(".")
    has_name = bool(rest) and not _is_address(host)
    if has_name:
        yield host
    above = rest if "." in rest else host
    for domain in domains or ([above] if has_name else []):
        yield f"{_DISCOVERY}.{domain}"


def _host_of(url: str) -> str:
    """The URL's host. mitmproxy's own message for a bad URL does not name our option."""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        raise ConfigError(f"--upstream {url!r}: give a URL like https://mdm.example.test")
    return (parts.hostname or "").lower()


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _check_domains(domains: Sequence[str]) -> None:
    for domain in domains:
        if not domain.strip("*.") or "*" in domain or ":" in domain or "/" in domain:
            raise ConfigError(f"--domain {domain!r}: give a domain like acme.test")
