"""Carrying the simulated phone's requests over real sockets, with httpx.

The only headers sent are the phone's own (and those HTTP itself needs); redirects are the phone's
business, environment variables about proxies are not looked at. TLS is that of the phone: its
versions, the roots it trusts, and the client certificate that a request names.
"""

from __future__ import annotations

import os
import secrets
import ssl
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from mdmcore.errors import ConfigError
from mdmcore.http import Headers, Request, Response
from mdmcore.phone.client_identity import ClientIdentity, identity_of
from mdmcore.phone.keyring import Keyring
from mdmcore.phone.refusal import NoAnswer
from mdmcore.pki.authority import certificate_pem

_VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
_LEGACY_CIPHERS = "ALL:!aNULL:!eNULL:@SECLEVEL=0"
"""Level 0 is what TLS 1.0 and 1.1 need in OpenSSL 3: their signatures are SHA-1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSide:
    """The phone's side of TLS: the roots it trusts (PEM), and its versions; none given: the
    library's own."""

    authority_pem: str = field(repr=False)
    versions: tuple[str, ...] = ()

    def context(self) -> ssl.SSLContext:
        """A fresh context; ConfigError for a version that nobody knows."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        # mitmproxy's CA has no authorityKeyIdentifier rules a phone would ask for.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        context.load_verify_locations(cadata=self.authority_pem)
        if self.versions:
            _limit(context, self.versions)
        return context


def trust_only(authority_pem: str, versions: tuple[str, ...] = ()) -> TlsSide:
    """A phone that trusts the certificates of that PEM text and nothing else.

    ``versions`` are those of a profile (``DeviceProfile.tls_versions``).
    """
    return TlsSide(authority_pem=authority_pem, versions=versions)


class HttpTransport:
    """Sends each request through a proxy (or directly) and returns the answer.

    ``proxy`` is an URL such as ``http://127.0.0.1:8080``; ``keys`` holds the private keys of the
    client certificates that requests name: without them none is offered. Raises NoAnswer when no
    answer comes, with the reason in words.
    """

    def __init__(
        self,
        *,
        proxy: str | None,
        trust: TlsSide,
        keys: Keyring | None = None,
        timeout_s: float = 30.0,
    ) -> None:
        self._proxy = proxy
        self._trust = trust
        self._keys = keys
        self._timeout_s = timeout_s
        # One for each certificate: a connection keeps the one it was opened with.
        self._clients: dict[bytes | None, httpx.Client] = {}

    def __enter__(self) -> HttpTransport:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def __call__(self, request: Request) -> Response:
        """The answer to one request."""
        try:
            answer = self._client(request).request(
                request.method, request.url, headers=list(request.headers), content=request.body
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from None
        return Response(
            status=answer.status_code,
            headers=Headers(answer.headers.multi_items()),
            body=answer.content,
        )

    def _client(self, request: Request) -> httpx.Client:
        identity = identity_of(request)
        key = None
        if identity is not None and self._keys is not None:
            key = self._keys.get(identity.key_sha256)
        if key is None and identity is not None and identity.is_required:
            raise NoAnswer("the private key of the client certificate is not held here")
        name = identity.certificate if identity is not None and key is not None else None
        if name not in self._clients:
            context = self._trust.context()
            if identity is not None and key is not None:
                _load(context, identity, key)
            client = httpx.Client(
                proxy=self._proxy,
                verify=context,
                timeout=self._timeout_s,
                trust_env=False,
                follow_redirects=False,
            )
            client.headers.clear()
            self._clients[name] = client
        return self._clients[name]


def _limit(context: ssl.SSLContext, versions: tuple[str, ...]) -> None:
    """Speak these versions and no other between the lowest and the highest."""
    try:
        known = sorted(_VERSIONS[name] for name in versions)
    except KeyError as error:
        raise ConfigError(f"no TLS version {error}; there is: {', '.join(_VERSIONS)}") from None
    if known[0] < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers(_LEGACY_CIPHERS)
    with warnings.catch_warnings():
        # Python warns of old versions, which is just what an old phone speaks.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = known[0]
        context.maximum_version = known[-1]


def _load(context: ssl.SSLContext, identity: ClientIdentity, key: RSAPrivateKey) -> None:
    """Give the context a certificate. ``ssl`` reads files only, so there is one for a moment:
    in a folder of this user's, the key encrypted with a password that is written nowhere."""
    password = secrets.token_bytes(32).hex().encode()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))
    pem += b"".join(certificate_pem(der) for der in (identity.certificate, *identity.chain))
    with tempfile.TemporaryDirectory(prefix="mdmproxy-") as folder:
        path = Path(folder) / "client.pem"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        context.load_cert_chain(path, password=password)
