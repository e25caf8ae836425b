"""Rules on the w7 APPLICATION of the provisioning document."""

from __future__ import annotations

import pytest

from mdmcore.rules import Finding
from tests.support.provisioning_samples import RENEWAL, RIGHT, changed
from tests.support.renewals import renew
from tests.support.story import Story, document, rules_of

APPLICATION = "/wap-provisioningdoc/characteristic[@type='APPLICATION']"
PROVIDER = "/wap-provisioningdoc/characteristic[@type='DMClient']/characteristic[@type='Provider']"


def findings(wap: bytes, profile: str = "wp8") -> tuple[Finding, ...]:
    return Story(profile).enroll(wap).findings


# --- what it needs


@pytest.mark.parametrize("name", ["PROVIDER-ID", "ADDR"])
@pytest.mark.parametrize("is_empty", [True, False])
def test_the_account_lacks_what_it_needs(name: str, is_empty: bool) -> None:
    wap = document()
    start = wap.index(f'<parm name="{name}"'.encode())
    end = wap.index(b"/>", start) + 2
    left = f'<parm name="{name}" value=""/>'.encode() if is_empty else b""
    found = findings(wap[:start] + left + wap[end:])
    assert [f.message for f in found if f.rule == "w7-missing-parm"] == [
        f"the w7 APPLICATION has no {name}"
    ]


def test_each_missing_parm_is_named_by_its_evidence() -> None:
    wap = document()
    for name in (b"PROVIDER-ID", b"ADDR"):
        start = wap.index(b'<parm name="' + name)
        wap = wap[:start] + wap[wap.index(b"/>", start) + 2 :]
    (found,) = (f for f in findings(wap) if f.rule == "w7-missing-parm")
    assert [place.evidence for place in found.places] == ["PROVIDER-ID absent", "ADDR absent"]


def test_an_account_without_appid() -> None:
    found = findings(changed("wp8", '<parm name="APPID" value="w7"/>', ""))
    assert rules_of(found) == {"w7-missing-parm"}
    assert found[0].message == "the w7 APPLICATION has no APPID"
    assert found[0].places[0].where["xpath"] == APPLICATION


def test_no_account_at_all() -> None:
    found = findings(
        changed("wp8", '<parm name="APPID" value="w7"/>', '<parm name="APPID" value="w2"/>')
    )
    assert [(f.rule, f.places[0].where["xpath"]) for f in found] == [
        ("w7-missing-parm", "/wap-provisioningdoc")
    ]


def test_a_renewal_needs_none() -> None:
    assert renew(Story("wp8").enrolled(), RENEWAL).findings == ()


# --- names


@pytest.mark.parametrize(
    ("right", "written", "kind"),
    [
        ('name="PROVIDER-ID"', 'name="Provider-ID"', "parm"),
        ('name="ADDR"', 'name="Addr"', "parm"),
        ('name="APPID"', 'name="AppId"', "parm"),
        ('type="APPLICATION"', 'type="Application"', "characteristic"),
        ('name="SSLCLIENTCERTSEARCHCRITERIA"', 'name="SSLClientCertSearchCriteria"', "parm"),
    ],
)
def test_a_name_in_other_letters_is_one_mistake(right: str, written: str, kind: str) -> None:
    found = findings(changed("wp8", right, written))
    assert [(f.rule, f.severity) for f in found] == [("w7-name-case", "error")]
    name = written.partition('"')[2].rstrip('"')
    assert found[0].message.startswith(f"the {kind} {name!r}")
    assert found[0].places[0].evidence == name
    assert name in found[0].places[0].where["xpath"]


@pytest.mark.parametrize(
    ("right", "written"),
    [
        ('name="AAUTHSECRET"', 'name="AAuthSecret"'),
        ('name="AAUTHTYPE"', 'name="AAuthType"'),
        ('name="AAUTHLEVEL"', 'name="aauthlevel"'),
        ('name="AAUTHDATA"', 'name="AAuthData"'),
        ('type="APPAUTH"', 'type="AppAuth"'),
    ],
)
def test_names_of_the_credentials_too(right: str, written: str) -> None:
    assert RIGHT["wp8"].count(right.encode()) == 2
    found = findings(RIGHT["wp8"].replace(right.encode(), written.encode()))
    assert [(f.rule, f.count) for f in found] == [("w7-name-case", 2)]


def test_what_only_the_8_1_pc_reads_is_in_mixed_case() -> None:
    assert b"SSPHyperlink" in RIGHT["win81"]
    assert findings(RIGHT["win81"], "win81") == ()


# --- INIT and flags


def test_init_is_for_operators() -> None:
    found = findings(changed("wp8", '<parm name="APPID"', '<parm name="INIT"/><parm name="APPID"'))
    assert [(f.rule, f.severity) for f in found] == [("w7-init-present", "error")]
    assert found[0].places[0].where["xpath"] == f"{APPLICATION}/parm[@name='INIT']"
    assert found[0].places[0].evidence == "no value"


@pytest.mark.parametrize("value", ["false", "0"])
def test_a_flag_with_a_value(value: str) -> None:
    flag = 'name="BACKCOMPATRETRYDISABLED"'
    found = findings(changed("wp8", flag, f'{flag} value="{value}"'))
    assert [(f.rule, f.severity) for f in found] == [("w7-flag-has-value", "info")]
    assert found[0].places[0].where["xpath"].endswith("/parm[@name='BACKCOMPATRETRYDISABLED']")
    assert found[0].places[0].evidence == value


def test_an_empty_value_is_none() -> None:
    flag = 'name="BACKCOMPATRETRYDISABLED"'
    assert findings(changed("wp8", flag, f'{flag} value=""')) == ()


# --- ADDR


def test_an_address_without_tls() -> None:
    wap = document()
    plain = wap.replace(b'name="ADDR" value="https://', b'name="ADDR" value="http://')
    found = [f for f in findings(plain) if f.rule == "w7-addr-not-https"]
    assert len(found) == 1
    assert found[0].places[0].where["xpath"].endswith("/parm[@name='ADDR']")


# --- PROVIDER-ID


@pytest.mark.parametrize("provider_id", ["DEMO MDM", "A&B", "a/b", "Größe"])
def test_a_provider_id_that_needs_escaping(provider_id: str) -> None:
    assert rules_of(findings(document(provider_id=provider_id))) == {"provider-id-needs-escaping"}


def test_a_plain_provider_id() -> None:
    assert findings(document(provider_id="Example-MDM_1.test")) == ()


@pytest.mark.parametrize("other", ["OtherMDM", "examplemdm", "ExampleMDM "])
def test_another_provider_below_dmclient(other: str) -> None:
    found = findings(
        changed("wp8", '<characteristic type="ExampleMDM">', f'<characteristic type="{other}">')
    )
    assert [(f.rule, f.severity) for f in found] == [("provider-id-mismatch", "error")]
    assert found[0].places[0].where["xpath"] == f"{PROVIDER}/characteristic[@type='{other}']"
    assert found[0].places[0].evidence == other


def test_the_node_may_be_uri_encoded() -> None:
    wap = document(provider_id="A B").replace(
        b'<characteristic type="A B">', b'<characteristic type="A%20B">'
    )
    assert b"A%20B" in wap
    assert rules_of(findings(wap)) == {"provider-id-needs-escaping"}
