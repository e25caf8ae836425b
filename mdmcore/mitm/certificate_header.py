"""A device's certificate as a header of the request, in the forms that servers take.

Sources: RFC 9440 (Client-Cert), Azure App Service and IIS ARR (X-ARR-ClientCert: base64 of the
DER), Envoy (x-forwarded-client-cert: SHA-256 and PEM in URL encoding), Traefik 3
(X-Forwarded-Tls-Client-Cert: PEM without its lines), nginx ($ssl_client_escaped_cert: PEM in URL
encoding, under any name).
"""

from __future__ import annotations

import base64
import hashlib
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

from mdmcore.errors import ConfigError

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# Those that mean something to HTTP itself, or that every request has.
_RESERVED = frozenset({"connection", "content-length", "cookie", "host", "transfer-encoding"})


def _pem(der: bytes) -> str:
    return quote(ssl.DER_cert_to_PEM_cert(der), safe="")


def _der(der: bytes) -> str:
    return base64.b64encode(der).decode()


def _xfcc(der: bytes) -> str:
    return f'Hash={hashlib.sha256(der).hexdigest()};Cert="{_pem(der)}"'


def _rfc9440(der: bytes) -> str:
    return f":{_der(der)}:"


FORMS: MappingProxyType[str, Callable[[bytes], str]] = MappingProxyType(
    {"pem": _pem, "der": _der, "xfcc": _xfcc, "rfc9440": _rfc9440}
)
"""Name of a form -> the value for a certificate (DER)."""

_USUAL = MappingProxyType(
    {
        "client-cert": "rfc9440",
        "x-arr-clientcert": "der",
        "x-forwarded-client-cert": "xfcc",
        "x-forwarded-tls-client-cert": "der",
    }
)
_BESIDE = MappingProxyType({"client-cert": ("client-cert-chain",)})
"""What a server believes together with a header (RFC 9440 4): a device may not send that either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateHeader:
    """The header's name, and the form of its value (one of ``FORMS``)."""

    name: str
    form: str

    def value(self, der: bytes) -> str:
        """The value that stands for a certificate."""
        return FORMS[self.form](der)

    def is_meant_by(self, name: str) -> bool:
        """Whether a server might take a header of that name for it; ``_`` and ``-`` are one to
        many."""
        wanted = _plain(self.name)
        return _plain(name) in {wanted, *_BESIDE.get(wanted, ())}


def parse_certificate_header(text: str, *, option: str) -> CertificateHeader:
    """``NAME`` in its usual form, or ``NAME=FORM``. Raises ConfigError that names the option."""
    name, _, form = text.partition("=")
    if not _TOKEN.fullmatch(name) or name.lower() in _RESERVED:
        raise ConfigError(f"{option} {text!r}: give a header's name like X-SSL-Client-Cert")
    form = form or _USUAL.get(_plain(name), "pem")
    if form not in FORMS:
        raise ConfigError(f"{option} {text!r}: the form is one of {', '.join(FORMS)}")
    return CertificateHeader(name=name, form=form)


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")
