"""Whether an enrolment step was refused, and which mistakes inside the server explain it.

Nothing on the wire shows those mistakes; they are attached to the symptom as probable causes, the
most likely first (rules.md, "Causes, and the symptoms they are attached to").
"""

from __future__ import annotations

from mdmcore.http import Exchange
from mdmcore.namespaces import VALUE_TYPES_PKCS7
from mdmcore.profiles import FEDERATED, device_profile
from mdmcore.rules.decoded import CsrPart, Decoded, Kind
from mdmcore.rules.renew_settings import robo_support
from mdmcore.rules.scene import Scene
from mdmcore.rules.urls import redirect_of

NOT_IMPLEMENTED = "renew-wrong-request-type"
ROBO_NOT_IMPLEMENTED = "robo-advertised-not-implemented"

_CSR_FAULTS = frozenset({"CertificateRequest", "InternalServiceFault", "EnrollmentServer"})
_TOKEN_FAULTS = frozenset({"MessageFormat", "Authentication"})
_TOKEN_STATUSES = frozenset({400, 401, 403})
# Statuses and ErrorTypes by which a server says itself why it does not renew now.
_OTHER_STATUSES = frozenset({429, 503})


def is_renewal_refused(exchange: Exchange, decoded: Decoded) -> bool:
    """Whether a renewal was answered, but with no certificate. A redirect is no answer."""
    response = exchange.response
    if decoded.kind is not Kind.RENEW or response is None or redirect_of(exchange):
        return False
    if decoded.rstrc is not None and decoded.rstrc.count:
        return False
    return response.status >= 300 or response.body is not None


def is_good_renewal_refused(scene: Scene) -> bool:
    """Whether a renewal that is right as we see it was refused without a reason of its own."""
    if not is_renewal_refused(scene.exchange, scene.decoded) or not is_renewal_good(scene):
        return False
    side, response = scene.decoded.response, scene.exchange.response
    fault = side.fault if side is not None else None
    if fault is not None:
        return not fault.error_type
    return response is not None and response.status not in _OTHER_STATUSES


def is_renewal_good(scene: Scene) -> bool:
    """Whether the PKCS#7 of a renewal can be read and verifies, its signer issued by a CA and not
    expired."""
    part = scene.decoded.renewal
    if part is None or part.problem is not None or part.signer_problem is not None:
        return False
    signer, now = part.signer, scene.exchange.started
    if signer is None or signer.issuer.raw == signer.subject.raw:
        return False
    return now is None or now <= signer.not_after


def expects_silent_renewal(scene: Scene) -> bool:
    """Whether the device was told to renew silently: by ROBOSupport, or by AuthPolicy."""
    if not device_profile(scene.profile).reads_renew_branch:
        return False
    life = scene.before
    part = life.provisioning
    switched_on = robo_support(part.document if part is not None else None)
    return bool(switched_on) or life.auth_policy == FEDERATED


def fault_causes(scene: Scene, subcode: str) -> tuple[str, ...]:
    """Why a server may answer this request with a fault of that subcode."""
    return _causes(scene, is_csr=subcode in _CSR_FAULTS, is_token=subcode in _TOKEN_FAULTS)


def status_causes(scene: Scene, status: int) -> tuple[str, ...]:
    """Why a server may answer this request with a bare HTTP status."""
    return _causes(scene, is_csr=status >= 500, is_token=status in _TOKEN_STATUSES)


def renewal_causes(scene: Scene) -> tuple[str, ...]:
    """What a server that knows Renew may yet do wrong with this one."""
    rst, part = scene.decoded.rst, scene.decoded.renewal
    if rst is None or part is None:
        return ()
    envelope = scene.decoded.request.envelope
    has_user = envelope is not None and (
        envelope.username is not None or envelope.user_token is not None
    )
    rows = (
        ("renew-pkcs7-valuetype-strict", rst.value_type in VALUE_TYPES_PKCS7),
        ("renew-double-base64", part.layers > 1),
        ("renew-requires-user-token", not has_user),
    )
    return tuple(cause for cause, fits in rows if fits)


def _causes(scene: Scene, *, is_csr: bool, is_token: bool) -> tuple[str, ...]:
    decoded = scene.decoded
    if decoded.request.is_recorded and not decoded.request.body.strip():
        return ("request-body-empty",)
    found: list[str] = []
    if is_good_renewal_refused(scene):
        found += [ROBO_NOT_IMPLEMENTED if expects_silent_renewal(scene) else NOT_IMPLEMENTED]
        found += renewal_causes(scene)
    if is_csr and decoded.csr is not None:
        found += _csr_causes(decoded.csr)
    envelope = decoded.request.envelope
    if is_token and envelope is not None and envelope.user_token is not None:
        found += ("security-token-picked-wrong", "user-token-not-decoded")
    return tuple(found)


def _csr_causes(part: CsrPart) -> tuple[str, ...]:
    if part.csr is None or part.signature_problem is not None:
        return ("csr-signature-invalid",)
    attributes = part.csr.subject.attributes
    is_strange = any(a.has_nul or not a.is_printable_alphabet for a in attributes)
    strict = ("csr-strict-parser",) if is_strange else ()
    sha1 = ("csr-sha1-flagged-invalid",) if part.csr.digest_name == "SHA-1" else ()
    return (*strict, *sha1, "csr-edited")
