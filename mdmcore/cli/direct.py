"""Options and lines of ``--dns``: phones without a proxy setting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.mitm.direct import DirectAddresses, DirectPorts

Dns = Annotated[
    bool,
    typer.Option(
        "--dns",
        help="Serve devices without a proxy setting, too: be their DNS server, and answer on the "
        "ports of HTTPS and HTTP.",
    ),
]
Advertise = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="With --dns: this computer's address as devices reach it; default: the address to "
        "listen on, or that of the interface which leads outside.",
    ),
]
DnsPort = Annotated[int, typer.Option(min=0, max=65535, help="With --dns: port of DNS.")]
HttpsPort = Annotated[int, typer.Option(min=0, max=65535, help="With --dns: port of HTTPS.")]
HttpPort = Annotated[int, typer.Option(min=0, max=65535, help="With --dns: port of HTTP.")]


class DirectLines:
    """What to say of the direct ports, once it is known where they are; ``are_hosts`` when the
    domains are the very names that are answered for."""

    def __init__(
        self, *, domains: list[str], advertised: list[str], are_hosts: bool = False
    ) -> None:
        self._domains = domains
        self._what = "" if are_hosts else "hosts of "
        self._advertised = advertised
        self.lines: list[str] = []

    def take(self, found: DirectAddresses) -> None:
        """Hear where the proxy listens."""
        names, address = ", ".join(self._domains), " and ".join(self._advertised)
        here = f"{self._what}{names} are at {address}"
        self.lines = [
            f"DNS on {_shown(found.dns)}: {here}, others are looked up",
            f"HTTPS on {_shown(found.https)}, HTTP on {_shown(found.http)}",
            f"set the device's DNS server to {self._advertised[0]}, or use the proxy",
        ]


def direct_ports(
    wanted: bool, *, domains: list[str], dns: int, https: int, http: int
) -> DirectPorts | None:
    """The ports, when they are wanted; the first domain stands for all."""
    if not wanted:
        return None
    from mdmcore.mitm.direct import DirectPorts

    return DirectPorts(host=domains[0], dns=dns, https=https, http=http)


def advertised(wanted: bool, advertise: str | None, listen_host: str) -> list[str]:
    """The addresses that devices are told, none when they use the proxy. Raises ConfigError."""
    if not wanted:
        if advertise is not None:
            raise ConfigError("--advertise goes with --dns")
        return []
    from mdmcore.mitm.dns_answers import advertised_addresses

    try:
        return [str(address) for address in advertised_addresses(advertise or "", listen_host)]
    except ConfigError as error:
        raise ConfigError(f"--advertise: {error}") from None


def _shown(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
