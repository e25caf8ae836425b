"""mitmproxy's proxy modes as they are given on our command line, checked by mitmproxy itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

from mitmproxy.proxy.mode_specs import ProxyMode, ReverseMode

from mdmcore.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamProxy:
    """A proxy that all connections go on to: ``url`` without user, ``login`` is ``user:password``,
    empty where none is needed."""

    url: str
    login: str

    @property
    def mode(self) -> str:
        """mitmproxy's mode for it."""
        return f"upstream:{self.url}"


def check_modes(specs: Iterable[str], *, option: str) -> tuple[str, ...]:
    """The modes as they are, when mitmproxy knows them all. Raises ConfigError."""
    found = tuple(specs)
    for spec in found:
        _parse(spec, f"{option} {spec!r}")
    return found


def has_reverse(specs: Iterable[str]) -> bool:
    """Whether one of these (checked) modes stands before a server."""
    return any(isinstance(ProxyMode.parse(spec), ReverseMode) for spec in specs)


def parse_upstream_proxy(url: str, *, option: str) -> UpstreamProxy:
    """``http://proxy:3128``, with ``user:password@`` where it wants that. Raises ConfigError."""
    problem = f"{option}: give a URL like http://proxy.acme.test:3128"
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or parts.path not in {"", "/"}:
        raise ConfigError(problem)
    user, at, address = parts.netloc.rpartition("@")
    proxy = UpstreamProxy(
        url=urlunsplit((parts.scheme, address, "", "", "")), login=unquote(user) if at else ""
    )
    if at and ":" not in proxy.login:
        raise ConfigError(f"{option}: give user and password as http://user:password@host:port")
    _parse(proxy.mode, option)
    return proxy


def _parse(spec: str, what: str) -> None:
    try:
        ProxyMode.parse(spec)
    except ValueError as error:
        raise ConfigError(f"{what}: {error}") from None
