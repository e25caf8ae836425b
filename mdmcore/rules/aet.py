"""Rules on the enterprise's token in EnterpriseAppManagement (enrollment.md 9.7 and 12).

An empty token or one without AET inside is one mistake, an AET of another enterprise the next,
other bytes than in the .aetx the third.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.provisioning_view import AppManagement, parm_path
from mdmcore.rules.model import Hit
from mdmcore.rules.provisioned import ISSUING, document_hit, provisioned
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_TOKEN = "EnrollmentToken"
_LEAST_PIECE = 16
"""Characters that a cut token must have left to be known as a piece of the whole."""


@rule("eam-without-signing-cert", kinds=ISSUING)
def without_signing_certificate(scene: Scene) -> Iterator[Hit]:
    """EnterpriseAppManagement has no real EnrollmentToken, so the branch fails (0x80180025). Leave
    the whole branch out until there is an enterprise signing certificate and a token made with
    it."""
    hub = provisioned(scene).app_management
    if hub is None or provisioned(scene).aet is not None or _difference(scene, hub):
        return
    token = hub.enrollment_token
    if token is None or not token.strip():
        evidence = "absent" if token is None else "empty"
        yield _hit(scene, hub, "the enterprise branch has no EnrollmentToken", evidence)
        return
    why = "it is not base64" if decode_base64(token) is None else "what it encodes is no AET"
    message = f"EnrollmentToken holds no application enrolment token: {why}"
    yield _hit(scene, hub, message, f"{len(token)} characters")


@rule("eam-enterprise-id-mismatch", kinds=ISSUING)
def enterprise_id_mismatch(scene: Scene) -> Iterator[Hit]:
    """The Enterprise ID of the branch is not that inside its token, or not that of the .aetx, so
    the token is invalid and the hub does not come. Copy id and token from one .aetx."""
    hub, aet = provisioned(scene).app_management, provisioned(scene).aet
    if hub is None or aet is None:
        return
    if aet.enterprise_id != hub.enterprise_id:
        message = (
            f"the branch is that of enterprise {hub.enterprise_id}, the token inside it that of "
            f"{aet.enterprise_id}"
        )
    elif scene.aetx is not None and scene.aetx.enterprise_id != hub.enterprise_id:
        message = (
            f"the branch is that of enterprise {hub.enterprise_id}, the .aetx that of "
            f"{scene.aetx.enterprise_id}"
        )
    else:
        return
    yield document_hit(scene, message, hub.path, hub.enterprise_id)


@rule("eam-token-differs-from-aetx", kinds=ISSUING)
def token_differs_from_aetx(scene: Scene) -> Iterator[Hit]:
    """EnrollmentToken is not, byte for byte, the one in the .aetx of the same enterprise, so it is
    invalid and the hub does not come. Copy the attribute unchanged: not cut, wrapped or encoded
    anew, and from the newest file."""
    hub = provisioned(scene).app_management
    difference = _difference(scene, hub) if hub is not None else ""
    if hub is not None and difference:
        message = f"EnrollmentToken differs from that of the .aetx: {difference}"
        yield _hit(scene, hub, message, f"{len(hub.enrollment_token or '')} characters")


@rule("eam-token-expired", kinds=ISSUING)
def token_expired(scene: Scene) -> Iterator[Hit]:
    """A date or a signing certificate inside the EnrollmentToken lies in the past: no company app
    installs or starts and new enrolments fail. Renew the token for the same enterprise."""
    hub, aet = provisioned(scene).app_management, provisioned(scene).aet
    end = aet.end if aet is not None else None
    if hub is None or end is None or scene.now is None or scene.now <= end.moment:
        return
    when = end.moment.date().isoformat()
    message = f"{end.what} in the EnrollmentToken ended on {when}"
    yield _hit(scene, hub, message, end.moment.isoformat().replace("+00:00", "Z"))


def _difference(scene: Scene, hub: AppManagement) -> str:
    """How the token differs from that of the .aetx of the same enterprise, empty if it does not.

    Empty as well without an .aetx, and for a token that has nothing to do with its own.
    """
    known, token = scene.aetx, hub.enrollment_token or ""
    if known is None or known.enterprise_id != hub.enterprise_id:
        return ""
    wanted = known.enrollment_token
    if token == wanted or not token.strip():
        return ""
    packed, whole = "".join(token.split()), "".join(wanted.split())
    if packed == whole:
        return "it has other blanks or line breaks"
    if len(packed) >= _LEAST_PIECE and whole.startswith(packed):
        return f"it is cut after {len(packed)} of {len(whole)} characters"
    if "%" in packed and unquote(packed) == whole:
        return "it is percent-encoded"
    if decode_base64(packed) == wanted.encode("utf-8", "replace"):
        return "it is base64 of the base64"
    aet = provisioned(scene).aet
    if aet is None or aet.enterprise_id != hub.enterprise_id:
        return ""
    if decode_base64(packed) == known.aet:
        return "it encodes the same bytes in another way"
    return "it is another token of the same enterprise, perhaps of an older file"


def _hit(scene: Scene, hub: AppManagement, message: str, evidence: str) -> Hit:
    return document_hit(scene, message, parm_path(hub.path, _TOKEN), evidence)
