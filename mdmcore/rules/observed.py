"""Symptoms that are seen as such: the server refuses. Their causes are other rules' matter."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.codes import code_words
from mdmcore.namespaces import FAULT_HRESULTS
from mdmcore.rules.decoded import SOAP_KINDS, CsrPart, Kind
from mdmcore.rules.life import CredVerdict
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_SERVER_ERRORS = frozenset({"CertificateRequest", "InternalServiceFault", "EnrollmentServer"})
_CREDENTIAL_ERRORS = frozenset({"MessageFormat", "Authentication"})


@rule("enrollment-refused", kinds=SOAP_KINDS)
def enrollment_refused(scene: Scene) -> Iterator[Hit]:
    """An enrolment step is answered with a SOAP fault, so enrolment ends. Read its subcode and
    reason: Authentication is about user name or password, CertificateRequest about the CSR."""
    side = scene.decoded.response
    if side is None or side.fault is None:
        return
    fault = side.fault
    subcode = next(
        (name for name in FAULT_HRESULTS if name.lower() == fault.subcode.lower()), fault.subcode
    )
    parts = [f"{_STEPS[scene.decoded.kind]} is refused: {subcode or fault.code or 'SOAP fault'}"]
    if fault.hresult is not None:
        words = code_words("hresult", fault.hresult)
        parts.append(f"0x{fault.hresult:08X} {words['name']} ({words['meaning']})")
    said = f'; the server says "{fault.reason[:200]}"' if fault.reason else ""
    yield scene.hit(
        " ".join(parts) + said,
        part="response",
        xpath=fault.path or "/Envelope/Body/Fault",
        evidence=subcode or fault.code,
        caused_by=_causes(scene, subcode),
    )


_STEPS = {
    Kind.DISCOVER: "discovery",
    Kind.GETPOLICIES: "the policies request",
    Kind.RST: "enrolment",
    Kind.RENEW: "renewal",
}


def _causes(scene: Scene, subcode: str) -> tuple[str, ...]:
    """Mistakes inside the server that explain a fault to a request which is right as we see it."""
    envelope = scene.decoded.request.envelope
    has_user_token = envelope is not None and envelope.user_token is not None
    if subcode in _SERVER_ERRORS and scene.decoded.csr is not None:
        return _csr_causes(scene.decoded.csr)
    if subcode in _CREDENTIAL_ERRORS and has_user_token:
        return ("security-token-picked-wrong", "user-token-not-decoded")
    return ()


def _csr_causes(part: CsrPart) -> tuple[str, ...]:
    if part.csr is None or part.signature_problem is not None:
        return ("csr-signature-invalid",)
    attributes = part.csr.subject.attributes
    is_strange = any(a.has_nul or not a.is_printable_alphabet for a in attributes)
    strict = ("csr-strict-parser",) if is_strange else ()
    sha1 = ("csr-sha1-flagged-invalid",) if part.csr.digest_name == "SHA-1" else ()
    return (*strict, *sha1, "csr-edited")


@rule("dm-credentials-refused", kinds={Kind.SYNCML})
def dm_credentials_refused(scene: Scene) -> Iterator[Hit]:
    """The server answers the device's credentials with 401: the digest or password is wrong, its
    nonce is old, or the server does not know the device. Compare them with what was provisioned."""
    asked, answered = scene.decoded.request_syncml, scene.decoded.response_syncml
    if asked is None or answered is None or asked.header.cred is None:
        return
    status = answered.header_status
    if status is None or status.data.strip() != "401":
        return
    check = scene.device_cred
    verdict = check.verdict if check is not None else CredVerdict.UNKNOWN
    yield scene.hit(
        f"the server refuses the device's credentials with 401: {_VERDICTS[verdict]}",
        part="response",
        xpath=f"{status.place}/Data",
        evidence=asked.header.cred.type or "Cred without Type",
    )


_VERDICTS = {
    CredVerdict.RIGHT: "they are right by the provisioned account, so the server is mistaken",
    CredVerdict.WRONG: "they are wrong by the provisioned account",
    CredVerdict.UNKNOWN: "whether they are right is not known, the enrolment was not seen",
}
