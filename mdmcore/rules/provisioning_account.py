"""Rules on the w7 APPLICATION of the provisioning document (enrollment.md 9.3).

Its APPAUTH entries are judged in ``appauth``, its search criteria in ``criteria``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from mdmcore.enrollment.provisioning import ROOT, Characteristic
from mdmcore.enrollment.provisioning_view import branches_at, located, parm_path
from mdmcore.rules.decoded import Kind, Provisioning
from mdmcore.rules.model import Hit
from mdmcore.rules.provisioned import ISSUING, account_of, document_hit, provisioned
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_UNRESERVED = re.compile(r"[A-Za-z0-9._~!*'()-]*\Z")
_APPLICATION = "APPLICATION"
_FLAGS = ("BACKCOMPATRETRYDISABLED", "USEHWDEVID")
# Names of the w7 APPLICATION CSP; what only the 8.1 PC reads (SSPHyperlink, ServerList, CRLCheck)
# is in mixed case.
_BRANCHES = frozenset({"APPLICATION", "APPADDR", "PORT", "APPAUTH"})
_AUTH_PARMS = frozenset({"AAUTHLEVEL", "AAUTHTYPE", "AAUTHNAME", "AAUTHSECRET", "AAUTHDATA"})
_PARMS = frozenset(
    {
        "ADDR",
        "ADDRTYPE",
        "APPID",
        "CONNRETRYFREQ",
        "DEFAULTENCODING",
        "INIT",
        "INITIALBACKOFFTIME",
        "MAXBACKOFFTIME",
        "NAME",
        "PORTNBR",
        "PROTOVER",
        "PROVIDER-ID",
        "ROLE",
        "SSLCLIENTCERTSEARCHCRITERIA",
        "TO-NAPID",
        *_FLAGS,
    }
)
_NAMES = _BRANCHES | _AUTH_PARMS | _PARMS


@rule("w7-missing-parm", kinds={Kind.RST})
def missing_parm(scene: Scene) -> Iterator[Hit]:
    """The w7 APPLICATION lacks APPID, PROVIDER-ID or ADDR, so no DM account is made and enrolment
    fails (0x8018001F). Write all three, in upper case, as direct parms of the APPLICATION."""
    part = provisioned(scene)
    account, any_case = part.account, part.any_case
    if account is None or any_case is None:
        yield from _without_account(scene, part)
        return
    for name, value, otherwise in (
        ("PROVIDER-ID", account.provider_id, any_case.provider_id),
        ("ADDR", account.addr, any_case.addr),
    ):
        # What is there in other letters is a matter of w7-name-case.
        if not (value or "").strip() and not (otherwise or "").strip():
            yield document_hit(
                scene,
                f"the w7 APPLICATION has no {name}",
                account.path,
                f"{name} {'absent' if value is None else 'empty'}",
            )


def _without_account(scene: Scene, part: Provisioning) -> Iterator[Hit]:
    """No APPLICATION is the w7 one: APPID is missing, or all of it."""
    # A broken document is read as far as it goes; one without certificates does not enrol.
    if part.document is None or part.problems or part.any_case is not None:
        return
    if part.document.find("CertificateStore", ignore_case=True) is None:
        return
    nameless = [
        path
        for _, path, branch in branches_at(part.document, _APPLICATION, ignore_case=True)
        if branch.parm("APPID", ignore_case=True) is None
    ]
    if nameless:
        yield document_hit(scene, "the w7 APPLICATION has no APPID", nameless[0], "absent")
    else:
        yield document_hit(scene, "there is no APPLICATION with APPID w7", f"/{ROOT}", "absent")


@rule("w7-name-case", kinds=ISSUING)
def name_case(scene: Scene) -> Iterator[Hit]:
    """A name in the w7 APPLICATION is not in upper case; names are case-sensitive, so the device
    ignores it and the account stays incomplete. Write the names in upper case."""
    document, any_case = provisioned(scene).document, provisioned(scene).any_case
    if document is None or any_case is None:
        return
    for _, path, branch in located(document):
        if path != any_case.path and not path.startswith(f"{any_case.path}/"):
            continue
        if _is_misspelt(branch.type):
            yield _case_hit(scene, "characteristic", branch.type, path)
        for parm in branch.parms:
            if _is_misspelt(parm.name):
                yield _case_hit(scene, "parm", parm.name, parm_path(path, parm.name))


def _is_misspelt(name: str) -> bool:
    return name not in _NAMES and name.upper() in _NAMES


def _case_hit(scene: Scene, what: str, name: str, path: str) -> Hit:
    return document_hit(
        scene, f"the {what} {name!r} is not written in upper case: {name.upper()}", path, name
    )


@rule("w7-init-present", kinds=ISSUING)
def init_present(scene: Scene) -> Iterator[Hit]:
    """The w7 APPLICATION has the parm INIT, which is for mobile operators only: enrolment with it
    fails. Remove INIT; the first session comes by the schedule."""
    for path, branch in _application(scene):
        parm = branch.parm("INIT")
        if parm is not None:
            yield document_hit(
                scene,
                "the w7 APPLICATION has INIT",
                parm_path(path, "INIT"),
                "no value" if parm.value is None else parm.value,
            )


@rule("w7-flag-has-value", kinds=ISSUING)
def flag_has_value(scene: Scene) -> Iterator[Hit]:
    """A parm whose mere presence counts has a value: BACKCOMPATRETRYDISABLED or USEHWDEVID with
    "false" is switched on all the same. Leave the value out, or the whole parm to switch it off."""
    for path, branch in _application(scene):
        for name in _FLAGS:
            value = branch.value(name)
            if value:
                yield document_hit(
                    scene,
                    f"{name} has the value {value!r}, only its presence counts",
                    parm_path(path, name),
                    value,
                )


@rule("w7-addr-not-https", kinds=ISSUING)
def addr_not_https(scene: Scene) -> Iterator[Hit]:
    """ADDR is no https URL, so the device enrols but never opens a session. Give the https URL of
    the DM service, with a host name that its certificate covers."""
    account = account_of(scene)
    addr = (account.addr or "").strip() if account is not None else ""
    if account is not None and addr and not addr.lower().startswith("https://"):
        yield document_hit(scene, "ADDR is not an https URL", account.addr_path, addr)


@rule("provider-id-needs-escaping", kinds=ISSUING)
def provider_id_needs_escaping(scene: Scene) -> Iterator[Hit]:
    """PROVIDER-ID has characters that must be escaped in a LocURI, so nodes below DMClient are not
    found unless every side escapes alike. Use letters, digits, hyphen, dot and underscore only."""
    account = account_of(scene)
    if account is None or account.provider_id is None:
        return
    if not _UNRESERVED.match(account.provider_id):
        yield document_hit(
            scene,
            f"PROVIDER-ID {account.provider_id!r} needs escaping in a LocURI",
            parm_path(account.path, "PROVIDER-ID"),
            account.provider_id,
        )


@rule("provider-id-mismatch", kinds=ISSUING)
def provider_id_mismatch(scene: Scene) -> Iterator[Hit]:
    """The branch below DMClient/Provider is not named by PROVIDER-ID, so its poll values and
    EntDMID are not applied to this account. Write the same text in both places."""
    document, account = provisioned(scene).document, account_of(scene)
    if document is None or account is None or not account.provider_id:
        return
    pattern = ("DMClient", "Provider", None)
    for types, path, _ in branches_at(document, *pattern, ignore_case=False):
        # The node holds the URI-encoded value (DMClient CSP), so both spellings are the same.
        if account.provider_id not in (types[2], unquote(types[2])):
            yield document_hit(
                scene,
                f"DMClient/Provider has {types[2]!r}, PROVIDER-ID is {account.provider_id!r}",
                path,
                types[2],
            )


def _application(scene: Scene) -> Iterator[tuple[str, Characteristic]]:
    """The branch of the DM account and its path."""
    document, account = provisioned(scene).document, account_of(scene)
    if document is None or account is None:
        return
    for _, path, branch in branches_at(document, _APPLICATION, ignore_case=False):
        if path == account.path:
            yield path, branch
