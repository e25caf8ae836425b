"""The mistake of a server that does not look who signed a renewal (enrollment.md 10, 11).

A request that proves nothing is refused by the server behind; here it is granted after all. Nothing
of that is recorded: no enrolment stands on such a certificate.
"""

from __future__ import annotations

from mdmcore.enrollment.soap import parse_envelope
from mdmcore.enrollment.token import parse_rst
from mdmcore.errors import MdmError
from mdmcore.http import Response
from mdmcore.pki.certificate import Certificate
from mdmcore.pki.cms import CmsReason, SignedData, verify_signed_data
from mdmcore.pki.csr import Pkcs10
from mdmcore.profiles import DeviceProfile
from mdmcore.records import IssuedCertificate
from mdmcore.server.answers import soap_answer
from mdmcore.server.certificates import reissue
from mdmcore.server.certification_request import accepted_csr
from mdmcore.server.faults.model import Answered, Step, Tools, fault
from mdmcore.server.profile import profile_for
from mdmcore.server.renewal_document import NewAuthorities, renewal_document
from mdmcore.server.renewal_token import signed_request
from mdmcore.server.token_answer import token_answer
from mdmcore.xml import parse_strict

_OUT_OF_TIME = frozenset({CmsReason.NOT_YET_VALID, CmsReason.EXPIRED})
"""Those prove who sent the request; that they are refused is another matter."""


@fault("renew-signer-not-checked", Step.RENEW, is_for_failures=True)
def anybody(answered: Answered) -> Response | None:
    """A renewal with a bad signature, or by a certificate of a foreign CA, gets a certificate."""
    if answered.response.status < 400:
        return None
    try:
        envelope = parse_envelope(parse_strict(answered.request.body or b""))
        token = parse_rst(envelope, strict=False)
        signed = signed_request(token)
        csr = accepted_csr(signed.content or b"", answered.tools.settings)
    except MdmError:
        return None
    if not signed.certificates or not _is_forged(signed, answered.tools):
        return None
    profile = profile_for(
        device_type=token.context_value("DeviceType") or "",
        request_version="",
        application_version=token.context_value("ApplicationVersion") or "",
        default=answered.tools.settings.profile,
    )
    body = _granted(csr, signed.certificates[0], profile, answered.tools, envelope.message_id)
    return soap_answer(body)


def _is_forged(signed: SignedData, tools: Tools) -> bool:
    trusted = (tools.authority.parsed,)
    problem = verify_signed_data(signed, trusted=trusted, at=tools.clock())
    return problem is not None and problem.reason not in _OUT_OF_TIME


def _granted(
    csr: Pkcs10,
    shown: Certificate,
    profile: DeviceProfile,
    tools: Tools,
    message_id: str | None,
) -> bytes:
    """The RSTRC with a certificate for the CSR's key, under the subject of the one that came."""
    now = tools.clock()
    as_if_ours = IssuedCertificate(
        serial=shown.serial,
        subject_cn=shown.subject.common_name or "",
        thumbprint=shown.thumbprint,
        der=shown.der,
        spki_sha256=shown.spki_sha256,
        issued=now,
        not_after=shown.not_after,
        account=shown.subject.common_name or "",
        issuer_thumbprint="",
    )
    certificate = reissue(
        csr,
        tools.settings,
        old=as_if_ours,
        authority=tools.authority,
        now=now,
        random=tools.random,
    )
    store, _, scope = str(profile.client_store).partition("/")
    document = renewal_document(
        certificate,
        store=(store, scope),
        profile=profile,
        provider_id=tools.settings.provider_id,
        authorities=NewAuthorities(),
    )
    return token_answer(document, relates_to=message_id, now=now)
