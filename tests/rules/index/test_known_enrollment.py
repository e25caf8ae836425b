"""How grave mistakes of the enrolment are in each state of what is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from mdmcore.connection import Connection, HandshakeEnd
from mdmcore.http import TlsFacts
from mdmcore.inspector import ArtifactSettings, inspect_artifact
from mdmcore.pki.asn1.name import PRINTABLE_STRING, UTF8_STRING
from mdmcore.pki.certificate_builder import CertificateForm, encode_common_name, sign_certificate
from mdmcore.rules import PROFILES, Severity, entry
from mdmcore.syncml.model import Command, Item
from tests.rules.index.cases import has_letter
from tests.rules.test_schedule import with_values
from tests.support.index_statements import KNOWN
from tests.support.keys import load_key, spki
from tests.support.renewal import renew, renewed_document
from tests.support.story import (
    CERT_CN,
    HUB,
    NOW,
    Story,
    answer,
    authority,
    certificate,
    device_cred,
    document,
    package1,
)

profiles = pytest.mark.parametrize("profile", PROFILES)


def known(number: int, *rules: str) -> pytest.MarkDecorator:
    """The mark for a statement of this list."""
    return pytest.mark.index(KNOWN, number, *rules)


def severity_in(story: Story, rule: str) -> str:
    """How grave the finding is by what is known at the end; empty without one."""
    found = {one.rule: one.severity.value for one in story.inspector.findings()}
    return found.get(rule, "")


def alone(data: bytes, profile: str, rule: str, *, days: int = 0) -> str:
    """How grave a loose file is, looked at so many days later; empty where nothing is found."""
    settings = ArtifactSettings(profile=profile, now=NOW + timedelta(days=days))
    (report,) = inspect_artifact(data, name="x", settings=settings)
    return next((one.severity.value for one in report.findings if one.rule == rule), "")


def letter(rule: str, profile: str) -> str:
    """The letter of the index as a word; empty where the rule does not apply."""
    severity = entry(rule).severity(profile)
    return "" if severity is Severity.NONE else severity.value


def at_most_warning(rule: str, profile: str) -> str:
    """The same, lowered to a warning."""
    found = letter(rule, profile)
    return "warning" if found == "error" else found


# --- entdmid-missing

ENT_DMID = "entdmid-missing"


def without_ent_dmid(profile: str, *, days: int = 365) -> bytes:
    """A document that sets no EntDMID, its certificate valid for so many days."""
    wap = document(profile=profile, client=certificate(days=days))
    parm = f'<parm name="EntDMID" value="{CERT_CN}" datatype="string"/>'.encode()
    assert parm in wap
    return wap.replace(parm, b"")


@known(1, ENT_DMID)
@profiles
def test_a_missing_entdmid_is_grave_when_renewal_is_due(profile: str) -> None:
    wap = without_ent_dmid(profile)
    assert alone(wap, profile, ENT_DMID) == "warning"
    assert alone(wap, profile, ENT_DMID, days=360) == "warning", "it may still be set over DM"
    story = Story(profile).enrolled(wap)
    assert severity_in(story, ENT_DMID) == "warning"
    story.sync(package1(cred=device_cred()), answer("2", "212"))
    assert severity_in(story, ENT_DMID) == "warning"
    story.now += timedelta(days=360)
    story.sync(package1(session_id="2", cred=device_cred()), answer("2", "212", session_id="2"))
    assert severity_in(story, ENT_DMID) == letter(ENT_DMID, profile) == "error"


@known(1, ENT_DMID)
@profiles
def test_entdmid_may_be_set_in_a_session(profile: str) -> None:
    story = Story(profile).enrolled(without_ent_dmid(profile))
    item = Item(target="./Vendor/MSFT/DMClient/Provider/ExampleMDM/EntDMID", data="ID-1")
    setting = Command(name="Replace", cmd_id="9", items=(item,))
    story.sync(package1(cred=device_cred()), answer("2", "212", "1", setting))
    story.now += timedelta(days=360)
    story.sync(package1(session_id="2", cred=device_cred()), answer("2", "212", session_id="2"))
    assert severity_in(story, ENT_DMID) == ""


# --- what matters only where a client certificate is asked for

RIGHT = f"Subject=CN%3D{CERT_CN}&Stores=My%5CUser"


def server_only() -> bytes:
    """A client certificate whose extended key usage is that of a server."""
    usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    form = CertificateForm(
        serial=2,
        issuer=authority().parsed.subject.raw,
        subject=encode_common_name(CERT_CN.encode(), PRINTABLE_STRING),
        spki=spki("device"),
        not_before=NOW - timedelta(hours=1),
        not_after=NOW + timedelta(days=365),
        extensions=((usages, False),),
    )
    return sign_certificate(form, load_key("authority"))


FOR_CLIENT_TLS: dict[str, Callable[[str], bytes]] = {
    "criteria-prefix": lambda p: document(profile=p, criteria=RIGHT.removeprefix("Subject=")),
    "criteria-store": lambda p: document(profile=p, criteria=RIGHT.partition("&")[0]),
    "criteria-double-escaped": lambda p: document(profile=p, criteria=RIGHT.replace("&", "&amp;")),
    "criteria-subject-mismatch": lambda p: document(profile=p, criteria=RIGHT.replace("3F", "XX")),
    "cert-no-client-auth-eku": lambda p: document(profile=p, client=server_only()),
}
WITHOUT = TlsFacts(version="TLSv1.2")
WITH = TlsFacts(version="TLSv1.2", client_certificates=(certificate(),))
MANAGED = Connection(host="mdm.example.test", peer="192.0.2.7", end=HandshakeEnd.OK, requests=1)
ASKED = {
    "server": replace(MANAGED, is_asked_by_server=True),
    "emulated": replace(MANAGED, is_asked=True, is_served=True),
}


@known(2, *FOR_CLIENT_TLS)
@profiles
@pytest.mark.parametrize("rule", FOR_CLIENT_TLS)
def test_what_only_client_tls_needs(rule: str, profile: str) -> None:
    wap = FOR_CLIENT_TLS[rule](profile)
    grave = letter(rule, profile)
    assert alone(wap, profile, rule) == grave
    told = {
        "nothing": (None, None, grave),
        "no tls": (TlsFacts(), None, "warning"),
        "done without": (WITHOUT, None, "warning"),
        "given": (WITH, None, grave),
        "asked by the server": (WITHOUT, ASKED["server"], grave),
        "asked by the emulated server": (WITHOUT, ASKED["emulated"], grave),
        "asked by the proxy": (WITHOUT, replace(MANAGED, is_asked=True), "warning"),
        "connected": (None, MANAGED, grave),
    }
    found = {}
    for name, (tls, connection, _) in told.items():
        story = Story(profile).enrolled(wap)
        if tls is not None:
            story.sync(package1(cred=device_cred()), answer("2", "212"), tls=tls)
        if connection is not None:
            opened = replace(connection, opened=story.now)
            story.inspector.observe(opened, id="story:99", index=99, capture="story")
        found[name] = severity_in(story, rule)
    assert found == {name: expected for name, (_, _, expected) in told.items()}


# --- what matters only where there is a hub


def client(common_name: bytes, tag: int = PRINTABLE_STRING) -> bytes:
    """A client certificate of that name."""
    return certificate(common_name, tag)


FOR_HUB = {
    "cert-default-subject": client(b"B1C43CD0-1624-5FBB-8E54-34CF17DFD3A1"),
    "cert-subject-not-printable": client(CERT_CN.encode(), UTF8_STRING),
    "cert-subject-has-nul": client(b"DEVICE\0"),
}


@known(3, *FOR_HUB)
@pytest.mark.parametrize(
    ("rule", "profile"),
    [(rule, profile) for rule in FOR_HUB for profile in PROFILES if has_letter(rule, profile)],
)
def test_what_only_the_hub_needs(rule: str, profile: str) -> None:
    own = FOR_HUB[rule]
    branch = document(profile="wp8", client=own)
    none = document(profile=profile, client=own, hub=None)
    assert b"EnterpriseAppManagement" in branch
    assert b"EnterpriseAppManagement" not in none
    assert alone(own, profile, rule) == letter(rule, profile), "not known"
    assert severity_in(Story(profile).enrolled(branch), rule) == letter(rule, profile)
    assert severity_in(Story(profile).enrolled(none), rule) == at_most_warning(rule, profile)
    assert alone(none, profile, rule) == at_most_warning(rule, profile)


WRONG_FORM = "eam-criteria-wrong-form"


@known(3, WRONG_FORM)
@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_the_hubs_criteria(profile: str) -> None:
    wrong = replace(HUB, certificate_search_criteria="CN%3DOTHER")
    with_hub = document(profile=profile, hub=wrong)
    assert alone(with_hub, profile, WRONG_FORM) == "error"
    assert severity_in(Story(profile).enrolled(with_hub), WRONG_FORM) == "error"
    # Criteria that come with a renewal, for a hub that the enrolment did not have.
    begin = with_hub.index(b'<characteristic type="EnterpriseAppManagement">')
    end = with_hub.rindex(b"</characteristic>") + len(b"</characteristic>")
    branch = with_hub[begin:end].partition(b'<characteristic type="Registry">')[0]
    renewed = renewed_document().replace(b"</wap-provisioningdoc>", branch)
    renewed += b"" if renewed.endswith(b"</wap-provisioningdoc>") else b"</wap-provisioningdoc>"
    for enrolled, expected in ((document(profile=profile, hub=None), "warning"), (None, "error")):
        story = Story(profile)
        if enrolled is not None:
            story.enrolled(enrolled)
        renew(story, wap=renewed)
        assert severity_in(story, WRONG_FORM) == expected


# --- omadmretry-too-fast

TOO_FAST = "omadmretry-too-fast"
PERIODIC = {
    "wp8": "Aux2RetryInterval",
    "wp81": "IntervalForRemainingScheduledRetries",
    "win81": "Aux2RetryInterval",
    "win10": "IntervalForRemainingScheduledRetries",
}


@known(7, TOO_FAST)
@pytest.mark.parametrize(
    ("profile", "shortest"), [("wp8", 60), ("wp81", 1440), ("win81", 60), ("win10", 15)]
)
def test_how_often_a_device_may_poll(profile: str, shortest: int) -> None:
    said = []
    for minutes in (shortest, shortest - 1):
        wap = with_values(profile, **{PERIODIC[profile]: minutes})
        said.append(severity_in(Story(profile).enrolled(wap), TOO_FAST))
    assert said == ["", "warning"]


@known(7, TOO_FAST)
def test_windows_10_may_hurry_as_long_as_it_ends() -> None:
    remaining = "NumberOfRemainingScheduledRetries"
    for count, expected in ((0, "warning"), (10, "")):
        wap = with_values("win10", **{PERIODIC["win10"]: 1, remaining: count})
        assert severity_in(Story("win10").enrolled(wap), TOO_FAST) == expected
