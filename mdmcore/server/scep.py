"""A small SCEP server for devices that are told to fetch a certificate (RFC 8894).

GetCACert, GetCACaps and PKIOperation with PKCSReq. Any challenge will do, and the subject is the
device's wish; so there is none where only certain users may enrol. What is issued is not recorded:
no enrolment stands on it, and it proves nothing here.
"""

from __future__ import annotations

import logging

from mdmcore.errors import MdmError
from mdmcore.http import Headers, Request, Response
from mdmcore.pki.authority import Authority, issue_certificate, random_serial
from mdmcore.pki.scep import (
    GET_CA_CAPS,
    GET_CA_CERT,
    PKI_OPERATION,
    SCEP_MEDIA_TYPE,
    ScepMessage,
    requested_der,
    requested_message,
    scep_operation,
)
from mdmcore.pki.scep_message import (
    CERT_REP,
    FAILURE,
    PKCS_REQ,
    SUCCESS,
    certificates_only,
    open_scep_message,
    seal,
    sign_scep_message,
)
from mdmcore.server.answers import plain_answer
from mdmcore.server.certification_request import accepted_csr
from mdmcore.server.ports import Clock, Random
from mdmcore.server.settings import ServerSettings

logger = logging.getLogger(__name__)

_CA_CERT = "application/x-x509-ca-cert"
_CA_CHAIN = "application/x-x509-ca-ra-cert"
_CAPABILITIES = "POSTPKIOperation\nSHA-256\nAES\nSCEPStandard"
_NONCE_BYTES = 16


class ScepService:
    """The SCEP endpoint; ``authority`` is CA and recipient of requests at once."""

    def __init__(
        self, settings: ServerSettings, *, authority: Authority, clock: Clock, random: Random
    ) -> None:
        self._settings = settings
        self._authority = authority
        self._clock = clock
        self._random = random

    def answer(self, request: Request) -> Response:
        """The answer to one GET or POST."""
        if self._settings.users:
            return plain_answer(403, "no certificates for everybody: enrolment is restricted")
        operation = scep_operation(request)
        if operation == GET_CA_CERT:
            return self._authorities()
        if operation == GET_CA_CAPS:
            return plain_answer(200, _CAPABILITIES)
        if operation == PKI_OPERATION:
            return self._operate(request)
        return plain_answer(400, "no operation of SCEP")

    def _authorities(self) -> Response:
        authority = self._authority
        if not authority.chain:
            return _answer(_CA_CERT, authority.certificate)
        return _answer(_CA_CHAIN, certificates_only((authority.certificate, *authority.chain)))

    def _operate(self, request: Request) -> Response:
        asked, der = requested_message(request), requested_der(request)
        if asked is None or der is None or asked.message_type != PKCS_REQ:
            return plain_answer(400, "not a PKCSReq")
        status, envelope = SUCCESS, b""
        try:
            envelope = self._issued(der)
        except MdmError as error:
            logger.info("SCEP request refused: %s", error)
            status = FAILURE
        reply = ScepMessage(
            message_type=CERT_REP,
            transaction_id=asked.transaction_id,
            pki_status=status,
            sender_nonce=self._random(_NONCE_BYTES),
            recipient_nonce=asked.sender_nonce,
        )
        return _answer(SCEP_MEDIA_TYPE, signed_reply(envelope, reply, self._authority))

    def _issued(self, der: bytes) -> bytes:
        """The envelope with the certificate, for the key that signed the request."""
        authority = self._authority
        opened, signer = open_scep_message(
            der, certificate=authority.certificate, private_key=authority.private_key
        )
        csr = accepted_csr(opened, self._settings)
        certificate = issue_certificate(
            csr,
            authority=authority,
            subject=csr.subject.raw,
            now=self._clock(),
            serial=random_serial(self._random),
            lifetime=self._settings.certificate_lifetime,
        )
        return seal(certificates_only((certificate,)), signer.der)


def signed_reply(envelope: bytes, attributes: ScepMessage, authority: Authority) -> bytes:
    """A CertRep (DER) of that CA."""
    return sign_scep_message(
        envelope,
        attributes,
        certificate=authority.certificate,
        private_key=authority.private_key,
    )


def _answer(media_type: str, body: bytes) -> Response:
    fields = [("Content-Type", media_type), ("Content-Length", str(len(body)))]
    return Response(status=200, headers=Headers(fields), body=body)
