"""Mistakes in the DM account of the provisioning document: APPLICATION, APPAUTH, search criteria,
DMClient (enrollment.md 9.3, 9.4, 9.6)."""

from __future__ import annotations

from dataclasses import replace

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.provisioning import Characteristic, Parm, ProvisioningDocument
from mdmcore.http import Response
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPE
from mdmcore.pki.criteria import percent_encode
from mdmcore.server.answers import plain_answer
from mdmcore.server.faults.documents import (
    ANY,
    BranchChange,
    add_branch,
    add_parm,
    change_branch,
    drop_parm,
    edit_parm,
    rename_parm,
    set_parm,
    with_branch,
    with_document,
)
from mdmcore.server.faults.model import Answered, Step, fault

_W7 = ("APPLICATION",)
_AUTH = ("APPLICATION", "APPAUTH")
_CRITERIA = "SSLCLIENTCERTSEARCHCRITERIA"
_SPACED_ID = "MDM Proxy & Co"


def _entry(level: str, change: BranchChange) -> BranchChange:
    """The change, for the APPAUTH of that AAUTHLEVEL."""
    return lambda branch: change(branch) if branch.value("AAUTHLEVEL") == level else branch


def _criteria(answered: Answered, change: BranchChange) -> Response | None:
    return with_branch(answered, _W7, change)


@fault("w7-missing-parm", Step.ENROLL)
def no_addr(answered: Answered) -> Response | None:
    """ADDR is left out."""
    return with_branch(answered, _W7, drop_parm("ADDR"))


@fault("w7-name-case", Step.ENROLL)
def lower_case(answered: Answered) -> Response | None:
    """ADDR is written Addr."""
    return with_branch(answered, _W7, rename_parm("ADDR", "Addr"))


@fault("w7-init-present", Step.ENROLL)
def init(answered: Answered) -> Response | None:
    """INIT, which is for operators only."""
    return with_branch(answered, _W7, add_parm("INIT", None))


@fault("w7-addr-not-https", Step.ENROLL)
def plain_addr(answered: Answered) -> Response | None:
    """ADDR is http."""
    change = edit_parm("ADDR", lambda url: url.replace("https://", "http://", 1))
    return with_branch(answered, _W7, change)


@fault("w7-encoding-unsupported", Step.ENROLL, Step.MANAGE)
def wbxml_only_on_paper(answered: Answered) -> Response | None:
    """WBXML is ordered, and refused when it comes."""
    if answered.step is Step.MANAGE:
        if answered.request.media_type != SYNCML_WBXML_MEDIA_TYPE:
            return None
        return plain_answer(415, "unsupported media type")
    return with_branch(answered, _W7, set_parm("DEFAULTENCODING", SYNCML_WBXML_MEDIA_TYPE))


@fault("w7-flag-has-value", Step.ENROLL)
def flag_with_value(answered: Answered) -> Response | None:
    """BACKCOMPATRETRYDISABLED has a value."""
    return with_branch(answered, _W7, set_parm("BACKCOMPATRETRYDISABLED", "1"))


@fault("provider-id-mismatch", Step.ENROLL)
def other_provider(answered: Answered) -> Response | None:
    """DMClient speaks of another provider."""
    return with_branch(
        answered, ("DMClient", "Provider", ANY), lambda branch: replace(branch, type="OtherMDM")
    )


@fault("provider-id-needs-escaping", Step.ENROLL)
def provider_with_blanks(answered: Answered) -> Response | None:
    """A PROVIDER-ID that must be escaped in LocURIs."""

    def change(document: ProvisioningDocument) -> ProvisioningDocument:
        document = change_branch(document, _W7, set_parm("PROVIDER-ID", _SPACED_ID))
        path = ("DMClient", "Provider", ANY)
        return change_branch(document, path, lambda branch: replace(branch, type=_SPACED_ID))

    return with_document(answered, change)


@fault("appauth-entry-missing", Step.ENROLL)
def one_entry(answered: Answered) -> Response | None:
    """Only APPSRV; the device has nothing to judge the server by."""
    return with_branch(answered, _AUTH, _entry("CLIENT", lambda _branch: None))


@fault("appauth-client-not-digest", Step.ENROLL)
def basic_server(answered: Answered) -> Response | None:
    """CLIENT is BASIC."""
    return with_branch(answered, _AUTH, _entry("CLIENT", set_parm("AAUTHTYPE", "BASIC")))


@fault("appauth-nonce-missing", Step.ENROLL)
def no_nonce(answered: Answered) -> Response | None:
    """CLIENT has no AAUTHDATA."""
    return with_branch(answered, _AUTH, _entry("CLIENT", drop_parm("AAUTHDATA")))


@fault("appauth-nonce-not-base64", Step.ENROLL)
def literal_nonce(answered: Answered) -> Response | None:
    """AAUTHDATA is the word of the sample."""
    return with_branch(answered, _AUTH, _entry("CLIENT", set_parm("AAUTHDATA", "nonce")))


@fault("appauth-secret-missing", Step.ENROLL)
def no_secret(answered: Answered) -> Response | None:
    """CLIENT has no AAUTHSECRET."""
    return with_branch(answered, _AUTH, _entry("CLIENT", drop_parm("AAUTHSECRET")))


@fault("appauth-nonce-reused", Step.ENROLL)
def same_nonce(answered: Answered) -> Response | None:
    """Both entries have the nonce of CLIENT, and so has the server's account."""
    told: dict[str, str] = {}

    def change(branch: Characteristic) -> Characteristic:
        entries = {one.value("AAUTHLEVEL"): one for one in branch.children("APPAUTH")}
        client, own = entries.get("CLIENT"), entries.get("APPSRV")
        if client is None or own is None or own.value("AAUTHTYPE") != "DIGEST":
            return branch
        data = client.value("AAUTHDATA") or ""
        told[own.value("AAUTHNAME") or ""] = data
        same = set_parm("AAUTHDATA", data)
        changed = (same(one) or one if one is own else one for one in branch.characteristics)
        return replace(branch, characteristics=tuple(changed))

    response = with_branch(answered, _W7, change)
    for name, data in told.items():
        account = answered.tools.store.enrolled_account(name)
        nonce = decode_base64(data)
        if account is not None and nonce is not None:
            answered.tools.store.correct_account(replace(account, nonce_c2s=nonce))
    return response


@fault("criteria-prefix", Step.ENROLL)
def escaped_prefix(answered: Answered) -> Response | None:
    """The equals sign behind Subject is escaped."""
    change = edit_parm(_CRITERIA, lambda text: text.replace("Subject=", "Subject%3D", 1))
    return _criteria(answered, change)


@fault("criteria-store", Step.ENROLL)
def no_store(answered: Answered) -> Response | None:
    """The Stores part is left out."""
    return _criteria(answered, edit_parm(_CRITERIA, lambda text: text.partition("&Stores")[0]))


@fault("criteria-double-escaped", Step.ENROLL)
def escaped_twice(answered: Answered) -> Response | None:
    """The ampersand is escaped once too often."""
    return _criteria(answered, edit_parm(_CRITERIA, lambda text: text.replace("&", "&amp;")))


@fault("criteria-subject-mismatch", Step.ENROLL)
def other_subject(answered: Answered) -> Response | None:
    """The criteria look for a subject that no certificate has."""
    other = f"Subject={percent_encode('CN=SomebodyElse')}&Stores=My%5CUser"
    return _criteria(answered, set_parm(_CRITERIA, other))


@fault("criteria-unescaped", Step.ENROLL)
def plain_subject(answered: Answered) -> Response | None:
    """The subject is not percent-encoded."""
    return _criteria(answered, edit_parm(_CRITERIA, lambda text: text.replace("%3D", "=")))


@fault("push-in-wap", Step.ENROLL)
def push(answered: Answered) -> Response | None:
    """A Push branch, which belongs into a session."""
    pfn = Parm(name="PFN", value="ExampleMDM_8wekyb3d8bbwe", datatype="string")
    branch = Characteristic(type="Push", parms=(pfn,))
    return with_branch(answered, ("DMClient", "Provider", ANY), add_branch(branch))


@fault("entdmid-missing", Step.ENROLL)
def no_ent_dmid(answered: Answered) -> Response | None:
    """EntDMID is left out."""
    return with_branch(answered, ("DMClient", "Provider", ANY), drop_parm("EntDMID"))
