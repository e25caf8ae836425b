"""What a document says of renewal."""

from __future__ import annotations

import pytest

from mdmcore.enrollment.provisioning import parse_provisioning
from mdmcore.rules.renew_settings import renew_days, robo_support


def renewing(parms: str, *, key: str = "Renew") -> bytes:
    return (
        '<wap-provisioningdoc version="1.1"><characteristic type="CertificateStore">'
        '<characteristic type="My"><characteristic type="WSTEP">'
        f'<characteristic type="{key}">{parms}</characteristic></characteristic>'
        "</characteristic></characteristic></wap-provisioningdoc>"
    ).encode()


@pytest.mark.parametrize(
    ("value", "days"), [("60", 60), (" 7 ", 7), ("x", None), ("12345", None), ("", None)]
)
@pytest.mark.parametrize("name", ["RenewPeriod", "RenewalPeriod"])
def test_the_period(name: str, value: str, days: int | None) -> None:
    document = parse_provisioning(renewing(f'<parm name="{name}" value="{value}"/>'))
    assert renew_days(document) == days
    assert renew_days(None) is None


@pytest.mark.parametrize(
    ("value", "is_on"), [("true", True), ("TRUE", True), ("1", True), ("false", False), ("", False)]
)
def test_silent_renewal(value: str, is_on: bool) -> None:
    parm = f'<parm name="ROBOSupport" value="{value}" datatype="boolean"/>'
    assert robo_support(parse_provisioning(renewing(parm))) is is_on


def test_a_document_that_does_not_speak_of_it() -> None:
    parm = '<parm name="ROBOSupport" value="true"/>'
    assert robo_support(parse_provisioning(renewing(parm, key="Other"))) is None
    assert robo_support(parse_provisioning(renewing(""))) is None
    assert robo_support(None) is None
