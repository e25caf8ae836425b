"""A provisioning document in a few facts for people: account, schedule, hub, certificates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mdmcore.enrollment.aetx import Aetx
from mdmcore.enrollment.provisioning import Characteristic, ProvisioningDocument
from mdmcore.enrollment.provisioning_view import AppAuth, AppManagement, dm_client
from mdmcore.inspector.masking import Mask
from mdmcore.rules.decoded import Provisioning

type Json = dict[str, Any]

_NAMING = frozenset({"APPID", "PROVIDER-ID", "NAME", "SSLCLIENTCERTSEARCHCRITERIA"})
"""Parms of an account that is not set anew."""
_HUB_BRANCH = "EnterpriseAppManagement"


def is_aetx(document: ProvisioningDocument) -> bool:
    """Whether the document has the one branch of an .aetx file: hub settings and no account."""
    types = [branch.type for branch in document.characteristics]
    return bool(types) and set(types) == {_HUB_BRANCH}


def is_renewal_answer(part: Provisioning) -> bool:
    """Whether it is what answers a renewal: a certificate, and an account that is only named
    (enrollment.md 10). The vendor's sample leaves out even APPID; the schedule may be there."""
    if part.document is None or not part.client_certificates:
        return False
    branches = part.document.characteristics
    accounts = [branch for branch in branches if branch.type == "APPLICATION"]
    is_named_only = all(
        not branch.characteristics and {parm.name for parm in branch.parms} <= _NAMING
        for branch in accounts
    )
    others = {branch.type for branch in branches} - {"CertificateStore", "APPLICATION", "Registry"}
    return bool(accounts) and is_named_only and not others


def document_summary(part: Provisioning) -> str:
    """One line."""
    if part.document is None:
        return "a provisioning document that cannot be read"
    if is_aetx(part.document):
        hub = part.app_management
        return f".aetx of enterprise {hub.enterprise_id if hub is not None else '(none)'}"
    names = [
        item.certificate.subject.rfc4514()
        for item in part.client_certificates
        if item.certificate is not None and not item.certificate.is_ca
    ]
    of = f"for {names[0]}" if names else "without a readable client certificate"
    what = "answer to a renewal" if is_renewal_answer(part) else "provisioning document"
    broken = ", not well-formed" if part.problems else ""
    return f"{what} {of}{broken}"


def document_facts(part: Provisioning, mask: Mask) -> Json:
    """The facts; what is absent is left out."""
    facts: Json = {"bytes": len(part.raw)}
    document = part.document
    if document is None:
        return facts | {"problem": "; ".join(note.message for note in part.notes)}
    facts["version"] = document.version
    facts["branches"] = [branch.type for branch in document.characteristics]
    if part.account is not None:
        account = part.account
        facts |= {
            "provider_id": account.provider_id,
            "addr": account.addr,
            "encoding": account.encoding,
            "criteria": account.criteria,
            "appauth": [_appauth(auth, mask) for auth in account.appauth],
        }
    facts |= _schedule(document)
    client = dm_client(document)
    if client is not None:
        facts["ent_dmid"] = client.ent_dmid
    if part.app_management is not None:
        facts |= _hub(part.app_management)
    if part.problems:
        first = part.problems[0]
        facts["not_well_formed"] = f"line {first.line}, column {first.column}: {first.message}"
    if part.notes:
        facts["notes"] = [note.message for note in part.notes]
    return {name: value for name, value in facts.items() if value not in (None, [], "")}


def _appauth(auth: AppAuth, mask: Mask) -> str:
    secret = mask.secret(auth.secret)
    words = [auth.level or "no AAUTHLEVEL", auth.type or "no AAUTHTYPE"]
    words += [f"name {auth.name}"] if auth.name else []
    words.append(f"secret {secret}" if secret else "no secret")
    if auth.nonce is not None:
        words.append(f"nonce of {len(auth.nonce)} bytes")
    elif auth.data is not None:
        words.append("nonce no base64")
    return " ".join(words)


def _schedule(document: ProvisioningDocument) -> Json:
    """The OmaDmRetry sets in the order in which they are used (enrollment.md 9.5), as written."""
    found = next(retry_branches(document), None)
    if found is None:
        return {}
    words = []
    for name, prefix in (("first (Aux)", "Aux"), ("second", ""), ("periodic (Aux2)", "Aux2")):
        count = found.value(f"{prefix}NumRetries")
        interval = found.value(f"{prefix}RetryInterval")
        if count is not None or interval is not None:
            words.append(f"{name}: {count or '?'} times every {interval or '?'} min")
    return {"retry_key": found.type, "retry_sets": words}


def retry_branches(document: ProvisioningDocument) -> Iterator[Characteristic]:
    """The branches below Registry whose key ends in OmaDmRetry, in any case."""
    for path, branch in document.walk():
        is_key = len(path) == 2 and path[0].lower() == "registry"
        if is_key and branch.type.lower().endswith("\\omadmretry"):
            yield branch


def _hub(hub: AppManagement) -> Json:
    token = hub.enrollment_token
    return {
        "enterprise_id": hub.enterprise_id,
        "enrollment_token": None if token is None else f"{len(token)} characters",
        "store_product_id": hub.store_product_id,
        "store_uri": hub.store_uri,
        "store_name": hub.store_name,
        "certificate_search_criteria": hub.certificate_search_criteria,
        "crl_check": hub.crl_check,
    }


def aetx_comparison(part: Provisioning, aetx: Aetx) -> str:
    """How the document's hub branch compares with the .aetx file; in words, no token in it."""
    hub = part.app_management
    if hub is None:
        return "the document has no EnterpriseAppManagement branch"
    identity = "same" if hub.enterprise_id == aetx.enterprise_id else "another"
    said = f"{identity} Enterprise ID"
    token = hub.enrollment_token or ""
    if token == aetx.enrollment_token:
        return f"{said}, same EnrollmentToken"
    lengths = f"{len(token)} characters, {len(aetx.enrollment_token)} in the file"
    pairs = zip(token, aetx.enrollment_token, strict=False)
    at = next((n for n, (one, other) in enumerate(pairs) if one != other), None)
    where = "one is the beginning of the other" if at is None else f"from character {at + 1} on"
    return f"{said}, another EnrollmentToken ({lengths}; {where})"
