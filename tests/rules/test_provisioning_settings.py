"""Rules on Push and on the renewal branch."""

from __future__ import annotations

import pytest

from mdmcore.rules import Finding
from tests.support.provisioning_samples import changed
from tests.support.story import Story

RENEW = (
    "/wap-provisioningdoc/characteristic[@type='CertificateStore']/characteristic[@type='My']"
    "/characteristic[@type='WSTEP']/characteristic[@type='Renew']"
)
NEW_POLL = '<characteristic type="Poll">'
PUSH = (
    '<characteristic type="Push"><parm name="PFN" value="123.App" datatype="string"/>'
    "</characteristic>"
)


def findings(wap: bytes, profile: str = "wp81") -> tuple[Finding, ...]:
    return Story(profile).enroll(wap).findings


@pytest.mark.parametrize("profile", ["wp81", "win10"])
def test_push_in_the_document(profile: str) -> None:
    found = findings(changed(profile, NEW_POLL, PUSH + NEW_POLL), profile)
    assert [(f.rule, f.severity) for f in found] == [("push-in-wap", "warning")]
    assert found[0].places[0].where["xpath"].endswith("/characteristic[@type='Push']")
    assert found[0].places[0].evidence == "PFN"


@pytest.mark.parametrize(
    ("written", "left", "name"),
    [
        ('value="true" datatype="boolean"', 'value="true"', "ROBOSupport"),
        (
            'value="60" datatype="integer"/>\n        <parm name="RetryInterval"',
            'value="60"/>\n        <parm name="RetryInterval"',
            "RenewPeriod",
        ),
        ('value="4" datatype="integer"', 'value="4" datatype="string"', "RetryInterval"),
    ],
)
def test_a_renewal_value_without_its_datatype(written: str, left: str, name: str) -> None:
    found = findings(changed("wp81", written, left))
    assert [(f.rule, f.severity) for f in found] == [("renew-datatype-missing", "error")]
    assert found[0].places[0].where["xpath"] == f"{RENEW}/parm[@name='{name}']"
    assert found[0].places[0].evidence == ("string" if "string" in left else "absent")


def test_wp8_has_no_such_branch() -> None:
    wap = changed("wp81", 'value="true" datatype="boolean"', 'value="true"')
    found = Story("wp8").enroll(wap).findings
    assert "renew-datatype-missing" not in {f.rule for f in found}


@pytest.mark.parametrize("days", ["0", "1001", "-4", "sixty", ""])
def test_a_period_out_of_range(days: str) -> None:
    found = findings(
        changed("wp81", 'name="RenewPeriod" value="60"', f'name="RenewPeriod" value="{days}"')
    )
    assert (found[0].rule, found[0].severity) == ("renew-values-out-of-range", "error")
    assert {f.rule for f in found[1:]} <= {"cert-lifetime-shorter-than-renew-period"}
    assert found[0].places[0].where["xpath"] == f"{RENEW}/parm[@name='RenewPeriod']"
    assert found[0].places[0].evidence == days


def test_a_retry_interval_longer_than_the_period() -> None:
    found = findings(
        changed("wp81", 'name="RetryInterval" value="4"', 'name="RetryInterval" value="61"')
    )
    assert [(f.rule, f.severity) for f in found] == [("renew-values-out-of-range", "error")]
    assert "longer than RenewPeriod with 60" in found[0].message
    assert found[0].places[0].evidence == "61"


@pytest.mark.parametrize(("period", "interval"), [("1", "1"), ("1000", "1000"), ("1000", "1")])
def test_the_ends_of_the_range(period: str, interval: str) -> None:
    wap = changed(
        "wp81", 'name="RetryInterval" value="4"', f'name="RetryInterval" value="{interval}"'
    )
    wap = wap.replace(
        b'name="RenewPeriod" value="60"', f'name="RenewPeriod" value="{period}"'.encode()
    )
    assert "renew-values-out-of-range" not in {finding.rule for finding in findings(wap)}


def test_absent_values_have_defaults() -> None:
    wap = changed("wp81", '<parm name="RetryInterval" value="4" datatype="integer"/>', "")
    assert findings(wap) == ()
