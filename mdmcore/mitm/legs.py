"""What is wanted of connections to a real server: which pass untouched, which resolve to us, and
whether the device's certificate is handed on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mdmcore.mitm.certificate_header import parse_certificate_header
from mdmcore.mitm.forwarding import CertificateForwarding
from mdmcore.mitm.host_patterns import HostPatterns, host_patterns
from mdmcore.mitm.options import MdmOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Legs:
    """``untouched``: hosts whose TLS passes from device to server. ``names``: hosts of the real
    server, which resolve to us. ``forwarding`` is there where a header was named; it remembers what
    open connections have shown. ``wanted`` are the options that these come from."""

    untouched: HostPatterns = field(default_factory=HostPatterns)
    names: HostPatterns = field(default_factory=HostPatterns)
    forwarding: CertificateForwarding | None = None
    wanted: tuple[object, ...] = (None, None, None)


def legs_for(options: MdmOptions, before: Legs) -> Legs:
    """What the options want; the legs of before where they want the same. Raises ConfigError."""
    wanted = (options.pass_client_tls, options.names, options.forward_client_cert)
    if wanted == before.wanted:
        return before
    names = host_patterns(options.names or (), option="mdm_names")
    forwarding = None
    if options.forward_client_cert:
        header = parse_certificate_header(
            options.forward_client_cert, option="mdm_forward_client_cert"
        )
        forwarding = CertificateForwarding(header, names)
    return Legs(
        untouched=host_patterns(options.pass_client_tls or (), option="mdm_pass_client_tls"),
        names=names,
        forwarding=forwarding,
        wanted=wanted,
    )
