"""Judging a server's certificate as a phone does, by the phone's clock, each reason for itself.

OpenSSL in a handshake knows this computer's clock only, and stops at its first objection. Where a
phone has a clock of its own, or passes over one objection to see the next, the handshake takes
everything and the judgement is made here, before anything is asked: OpenSSL still builds the chain
and checks its signatures (RFC 5280 6.1), dates aside.
"""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from cryptography import x509
from OpenSSL import crypto

from mdmcore.cli.tls_failure import (
    HandshakeRefused,
    Verdict,
    out_of_date,
    untrusted,
    wildcard_problem,
    wrong_name,
)
from mdmcore.cli.tls_side import TlsSide
from mdmcore.errors import MdmError
from mdmcore.http import TlsFacts
from mdmcore.phone.refusal import Failure
from mdmcore.pki.certificate import SERVER_AUTH, Certificate, parse_certificate

_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME (OpenSSL, x509_vfy.h)."""
_ANY_USAGE = "2.5.29.37.0"
_PEM = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def check_certificate(facts: TlsFacts, host: str, side: TlsSide, *, now: datetime) -> None:
    """Raise HandshakeRefused for the first objection that the phone does not pass over."""
    for verdict in objections(facts, host, side, now=now):
        if verdict.failure not in side.passes_over:
            raise HandshakeRefused(verdict, facts)


def objections(facts: TlsFacts, host: str, side: TlsSide, *, now: datetime) -> Iterator[Verdict]:
    """All that this phone minds in what the server sent: its chain, names, usage, dates."""
    sent = facts.server_certificates
    if not sent:
        yield Verdict(failure=Failure.TLS_OTHER, words="the server sends no certificate")
        return
    leaf = parse_certificate(sent[0])
    chain: Sequence[bytes] = sent
    try:
        chain = _chain(sent, side)
    except crypto.X509StoreContextError as error:
        code, _depth, message = error.errors
        yield untrusted(code, message, host, facts)
    if leaf.ext_key_usages is not None and not {SERVER_AUTH, _ANY_USAGE} & set(leaf.ext_key_usages):
        words = "the server's certificate is not for servers: its extended key usage has no "
        yield Verdict(failure=Failure.TLS_OTHER, words=f"{words}serverAuth")
    if not _is_for(leaf, host):
        yield wrong_name(leaf, host)
    elif not side.takes_wildcards:
        yield from filter(None, [wildcard_problem(leaf, host)])
    for number, der in enumerate(chain):
        problem = _out_of_date(der, now, is_leaf=number == 0)
        if problem is not None:
            yield problem
            return


def _chain(sent: Sequence[bytes], side: TlsSide) -> tuple[bytes, ...]:
    """The chain from the server's certificate to a root that the phone trusts, as DER."""
    store = _store(side)
    leaf, *others = (crypto.load_certificate(crypto.FILETYPE_ASN1, der) for der in sent)
    found = crypto.X509StoreContext(store, leaf, others).get_verified_chain()
    return tuple(crypto.dump_certificate(crypto.FILETYPE_ASN1, each) for each in found)


def _store(side: TlsSide) -> crypto.X509Store:
    store = crypto.X509Store()
    store.set_flags(_NO_CHECK_TIME)
    for der in _roots(side):
        store.add_cert(crypto.load_certificate(crypto.FILETYPE_ASN1, der))
    folder = ssl.get_default_verify_paths().capath
    if side.trusts_system and folder is not None and Path(folder).is_dir():
        store.load_locations(None, folder)
    return store


def _roots(side: TlsSide) -> Iterator[bytes]:
    for block in _PEM.findall(side.authority_pem):
        yield ssl.PEM_cert_to_DER_cert(block)
    if side.trusts_system:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_default_certs()
        yield from context.get_ca_certs(binary_form=True)


def _is_for(leaf: Certificate, host: str) -> bool:
    """Whether the certificate names the host (RFC 6125 6.4): its common name counts where
    subjectAltName has no host, a ``*`` stands for one whole label, the first."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        wanted = host.lower().rstrip(".")
        _, _, behind = wanted.partition(".")
        names = {
            name.lower().rstrip(".") for name in leaf.dns_names or leaf.subject.common_names if name
        }
        return wanted in names or ("." in behind and f"*.{behind}" in names)
    return address in _addresses(leaf)


def _addresses(leaf: Certificate) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        extensions = x509.load_der_x509_certificate(leaf.der).extensions
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return []
    found = names.get_values_for_type(x509.IPAddress)
    return [one for one in found if isinstance(one, ipaddress.IPv4Address | ipaddress.IPv6Address)]


def _out_of_date(der: bytes, now: datetime, *, is_leaf: bool) -> Verdict | None:
    try:
        certificate = parse_certificate(der)
    except MdmError:
        return None
    whose = "the server's certificate"
    if not is_leaf:
        whose = f"the certificate of {certificate.subject.rfc4514() or 'an empty name'}"
    return out_of_date(certificate, now, whose=whose)
