"""A TLS server on loopback that says what it saw of each handshake."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mdmcore.pki.authority import Authority, certificate_pem, create_authority
from mdmcore.pki.certificate_builder import CertificateForm, encode_common_name, sign_certificate
from tests.support.certificates import PRINTABLE_STRING, forge_certificate
from tests.support.keys import load_key, spki

HOST = "localhost"
_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
_CENTURY = timedelta(days=36500)
"""OpenSSL looks at the machine's clock, so these certificates are always valid."""
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


@cache
def lasting_authority() -> Authority:
    """The CA of server and clients."""
    return create_authority(
        common_name="Lasting CA",
        private_key=load_key("authority"),
        now=_BEGIN,
        serial=1,
        lifetime=_CENTURY,
    )


@cache
def lasting_certificate(key: str = "device") -> bytes:
    """A client certificate (DER) of that CA."""
    return forge_certificate(
        spki(key), authority=lasting_authority(), now=_BEGIN, lifetime=_CENTURY
    )


@dataclass
class Handshakes:
    """What the server saw: protocol version and client certificate (DER) of each connection."""

    port: int
    versions: list[str | None] = field(default_factory=list)
    certificates: list[bytes | None] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    failures: int = 0
    looks: int = 0
    """Handshakes after which nothing was asked."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"https://{HOST}:{self.port}/x"


@contextmanager
def tls_server(
    folder: Path,
    *,
    versions: tuple[ssl.TLSVersion, ssl.TLSVersion] = (
        ssl.TLSVersion.TLSv1_2,
        ssl.TLSVersion.TLSv1_3,
    ),
    client: ssl.VerifyMode = ssl.CERT_NONE,
    names: tuple[str, ...] = (HOST,),
    lifetime: timedelta = _CENTURY,
    sends_chain: bool = True,
) -> Iterator[Handshakes]:
    """The server, whose certificate is of the test's authority; ``client`` whether it wants one.

    ``names`` are those of its certificate, which holds for ``lifetime`` from the year 2000 on.
    """
    context = server_context(versions, client, sends_chain=sends_chain)
    context.load_cert_chain(server_certificate(folder, names, lifetime))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        seen = Handshakes(port=listener.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(listener, context, seen))
        thread.start()
        try:
            yield seen
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(listener: socket.socket, context: ssl.SSLContext, seen: Handshakes) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        connection.settimeout(20)
        try:
            with context.wrap_socket(connection, server_side=True) as stream:
                asked = stream.recv(65536)
                if not asked:
                    seen.looks += 1
                    continue
                seen.requests.append(asked)
                seen.versions.append(stream.version())
                seen.certificates.append(stream.getpeercert(binary_form=True))
                stream.sendall(_ANSWER)
        except OSError:
            seen.failures += 1
        finally:
            connection.close()


def server_certificate(
    folder: Path, names: tuple[str, ...], lifetime: timedelta = _CENTURY
) -> Path:
    """A PEM file with key and certificate of a server with these names."""
    authority = lasting_authority()
    form = CertificateForm(
        serial=77,
        issuer=authority.parsed.subject.raw,
        subject=encode_common_name(names[0].encode(), PRINTABLE_STRING),
        spki=spki("enterprise"),
        not_before=_BEGIN,
        not_after=_BEGIN + lifetime,
        extensions=((x509.SubjectAlternativeName(list(map(x509.DNSName, names))), False),),
    )
    key = load_key("enterprise").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain = folder / "server.pem"
    chain.write_bytes(key + certificate_pem(sign_certificate(form, authority.private_key)))
    return chain


def server_context(
    versions: tuple[ssl.TLSVersion, ssl.TLSVersion],
    client: ssl.VerifyMode = ssl.CERT_NONE,
    *,
    sends_chain: bool = True,
) -> ssl.SSLContext:
    """The server's side of TLS, still without its certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = versions
    context.verify_mode = client
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if sends_chain:  # OpenSSL completes the chain from what it trusts itself
        authority = certificate_pem(lasting_authority().certificate)
        context.load_verify_locations(cadata=authority.decode())
    return context
