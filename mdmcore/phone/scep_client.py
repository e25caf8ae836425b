"""Fetching a certificate by SCEP, as a DM session has told the device to (RFC 8894).

GetCACaps, GetCACert, then one PKIOperation. An answer whose CA is not the one that the device was
told of makes it ask again, and stop without PKIOperation (ucm#228); an incomplete CertRep is
dropped although its HTTP status is 200 (F#38341). Usages and other names that the server wishes are
not put into the request. How often it asks is ours [U].
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AttributeOID

from mdmcore.errors import Asn1Error
from mdmcore.http import Headers, Request, Response
from mdmcore.phone.device.work import ScepOrder
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.settings import Random
from mdmcore.phone.web import announced_body, check_url, fetch
from mdmcore.pki.certificate import Certificate, parse_certificate
from mdmcore.pki.cms import parse_signed_data
from mdmcore.pki.scep import (
    GET_CA_CAPS,
    GET_CA_CERT,
    PKI_OPERATION,
    SCEP_MEDIA_TYPE,
    ScepMessage,
    parse_scep_message,
)
from mdmcore.pki.scep_message import (
    CERT_REP,
    PKCS_REQ,
    SUCCESS,
    open_scep_message,
    seal,
    sign_scep_message,
)

_ASKS = 3
_NONCE_BYTES = 16
_PROVISIONAL = timedelta(days=7)

type _Leg[T] = Generator[Request, Response, T]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScepClient:
    """One device that fetches one certificate for ``private_key``."""

    order: ScepOrder
    private_key: RSAPrivateKey
    user_agent: str
    random: Random
    now: datetime

    def run(self) -> _Leg[Certificate]:
        """The certificate; Refusal(scep) when the device gives up."""
        check_url(self.order.url, step=Step.SCEP, place="ServerURL")
        yield from self._ask(GET_CA_CAPS)
        authority = yield from self._authority()
        own = self._provisional()
        sent = ScepMessage(
            message_type=PKCS_REQ,
            transaction_id=self.random(_NONCE_BYTES).hex().upper(),
            pki_status=None,
            sender_nonce=self.random(_NONCE_BYTES),
            recipient_nonce=None,
        )
        body = sign_scep_message(
            seal(self._request(), authority.der),
            sent,
            certificate=own,
            private_key=self.private_key,
        )
        answer = yield from self._ask(PKI_OPERATION, body)
        _check_reply(parse_scep_message(answer), sent)
        return self._issued(answer, own)

    def _ask(self, operation: str, body: bytes | None = None) -> _Leg[bytes]:
        fields = [("User-Agent", self.user_agent)]
        if body is not None:
            fields += [("Content-Type", SCEP_MEDIA_TYPE), ("Content-Length", str(len(body)))]
        request = Request(
            method="GET" if body is None else "POST",
            url=f"{self.order.url}?operation={operation}",
            headers=Headers(fields),
            body=body,
        )
        response = yield from fetch(request, Step.SCEP)
        if response.status != 200:
            raise _refusal(f"{operation} is refused", "status", str(response.status))
        return announced_body(response, Step.SCEP)

    def _authority(self) -> _Leg[Certificate]:
        """The CA of the thumbprint that was told; asked for more than once."""
        wanted = self.order.thumbprint.replace(" ", "").upper()
        found: tuple[Certificate, ...] = ()
        for _ in range(_ASKS):
            found = _certificates((yield from self._ask(GET_CA_CERT)))
            for one in found:
                if not wanted or one.thumbprint == wanted:
                    return one
        shown = ", ".join(one.thumbprint for one in found) or "no certificate"
        raise _refusal("the CA is not the one of CAThumbprint", GET_CA_CERT, shown)

    def _subject(self) -> x509.Name:
        try:
            return x509.Name.from_rfc4514_string(self.order.subject)
        except ValueError as error:
            raise _refusal(f"no name: {error}", "SubjectName", self.order.subject) from None

    def _request(self) -> bytes:
        builder = x509.CertificateSigningRequestBuilder().subject_name(self._subject())
        challenge = self.order.challenge.encode()
        if challenge:
            builder = builder.add_attribute(AttributeOID.CHALLENGE_PASSWORD, challenge)
        return builder.sign(self.private_key, hashes.SHA256()).public_bytes(Encoding.DER)

    def _provisional(self) -> bytes:
        """The certificate of its own making under which the device signs (RFC 8894 section 2.3)."""
        name = self._subject()
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
        builder = builder.public_key(self.private_key.public_key())
        builder = builder.serial_number(int.from_bytes(self.random(_NONCE_BYTES)) | 1)
        builder = builder.not_valid_before(self.now).not_valid_after(self.now + _PROVISIONAL)
        return builder.sign(self.private_key, hashes.SHA256()).public_bytes(Encoding.DER)

    def _issued(self, answer: bytes, own: bytes) -> Certificate:
        try:
            opened, _ = open_scep_message(answer, certificate=own, private_key=self.private_key)
            certificates = parse_signed_data(opened).certificates
        except Asn1Error as error:
            raise _refusal(f"the CertRep cannot be read: {error}", "CertRep") from None
        key = parse_certificate(own).spki
        for one in certificates:
            if one.spki == key:
                return one
        raise _refusal("the CertRep holds no certificate for the device's key", "CertRep")


def _check_reply(reply: ScepMessage | None, sent: ScepMessage) -> None:
    """Refusal unless the signed attributes are there and belong to the request."""
    if reply is None:
        raise _refusal("what came is no CertRep", "CertRep")
    for name, given, wanted in (
        ("messageType", reply.message_type, CERT_REP),
        ("transactionID", reply.transaction_id, sent.transaction_id),
        ("recipientNonce", reply.recipient_nonce, sent.sender_nonce),
        ("pkiStatus", reply.pki_status, SUCCESS),
    ):
        if given != wanted:
            shown = given.hex() if isinstance(given, bytes) else given
            raise _refusal(f"{name} does not fit", f"CertRep/{name}", shown or "absent")


def _certificates(data: bytes) -> tuple[Certificate, ...]:
    """One certificate, or those of a SignedData; none for anything else."""
    try:
        return (parse_certificate(data),)
    except Asn1Error:
        pass
    try:
        return parse_signed_data(data).certificates
    except Asn1Error:
        return ()


def _refusal(reason: str, place: str, evidence: str = "") -> Refusal:
    return Refusal(reason, step=Step.SCEP, place=place, evidence=evidence)
