"""The signature of a DM message, which travels in an HTTP header beside it (MS-Signature).

Source: [MS-MDM] 2.1, note 4: base64 of a detached CMS over the complete message with a SHA-2
digest, made with the device identity certificate; a signing time is among the signed attributes. A
device signs when DMClient's RequireMessageSigning says so. Unconfirmed [U]: the header under the
name MDM-Signature, that the signed content is the body's octets (the text speaks of the message's
hash), where in the CMS the certificate stands. The signing time is not judged: devices' clocks are
often wrong, and a nonce keeps old messages out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import rsa

from mdmcore.base64_text import decode_base64, encode_base64
from mdmcore.errors import Asn1Error
from mdmcore.http import Headers
from mdmcore.pki.certificate import Certificate
from mdmcore.pki.cms import (
    CmsReason,
    SignedData,
    digest_name,
    parse_signed_data,
    signers_problem,
)
from mdmcore.pki.cms_signing import build_signed_data

SIGNATURE_HEADER = "MS-Signature"
_HEADERS = (SIGNATURE_HEADER, "MDM-Signature")
_MAX_TEXT = 128 * 1024
"""Characters of base64; a signature with a chain of big keys has some ten thousand."""
_DIGESTS = frozenset({"SHA-256", "SHA-384", "SHA-512"})


def signature_header(headers: Headers) -> str | None:
    """The header's value, ``None`` where there is none; several are joined, and so no base64."""
    values = [value for name in _HEADERS for value in headers.get_all(name)]
    return ", ".join(values) if values else None


def sign_body(
    body: bytes,
    *,
    certificate: bytes,
    private_key: rsa.RSAPrivateKey,
    signing_time: datetime | None = None,
) -> str:
    """The header's value for a body, one line, by the holder of ``certificate`` (DER)."""
    signed = build_signed_data(
        body,
        certificate=certificate,
        private_key=private_key,
        is_detached=True,
        signing_time=signing_time,
    )
    return encode_base64(signed)


def read_signature(text: str) -> SignedData:
    """The SignedData in a header's value; ``Asn1Error`` when there is none in it."""
    if len(text) > _MAX_TEXT:
        raise Asn1Error(f"{len(text)} characters are more than {_MAX_TEXT}", offset=_MAX_TEXT)
    der = decode_base64(text.strip())
    if der is None:
        raise Asn1Error("the header is not base64")
    return parse_signed_data(der)


def signature_problem(
    text: str, body: bytes, *, holders: Iterable[Certificate] | None = None
) -> str | None:
    """Why the header does not prove that body (its exact octets); ``None`` when it does.

    ``holders`` are the certificates of which one must have signed, whether it came along or not;
    ``None``: anybody's signature will do, which says that the body was not changed and no more.
    Whether a certificate is still valid is for the caller to know.
    """
    try:
        signed = read_signature(text)
    except Asn1Error as error:
        return f"no signature can be read: {error}"
    if signed.content is not None:
        return "the CMS is not detached, it has content of its own"
    if len(signed.signers) != 1:
        return f"{len(signed.signers)} signers, one is expected"
    (signer,) = signed.signers
    if digest_name(signer) not in _DIGESTS:
        return f"the digest is {digest_name(signer)}, not SHA-2"
    if holders is None:
        problem = signers_problem(signed, content=body)
        return None if problem is None else str(problem)
    return _problem_for(signed, body, tuple(holders))


def _problem_for(signed: SignedData, body: bytes, holders: tuple[Certificate, ...]) -> str | None:
    """Why none of these certificates' holders signed the body; ``None`` when one did."""
    said = "the signer's certificate is not that of the enrolment"
    for holder in holders:
        problem = signers_problem(replace(signed, certificates=(holder,)), content=body)
        if problem is None:
            return None
        if problem.reason is not CmsReason.NO_SIGNER_CERTIFICATE:
            said = str(problem)
    return said
