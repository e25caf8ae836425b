"""Rules on the search criteria for the client certificate."""

from __future__ import annotations

import pytest

from mdmcore.http import TlsFacts
from tests.support.story import (
    CERT_CN,
    Story,
    answer,
    certificate,
    device_cred,
    document,
    package1,
    rules_of,
)

RIGHT = f"Subject=CN%3D{CERT_CN}&Stores=My%5CUser"


WHERE = (
    "/wap-provisioningdoc/characteristic[@type='APPLICATION']"
    "/parm[@name='SSLCLIENTCERTSEARCHCRITERIA']"
)


@pytest.mark.parametrize("criteria", [RIGHT, RIGHT.replace("My", "MY"), RIGHT.replace("-", "%2D")])
def test_right_criteria(criteria: str) -> None:
    assert Story("wp8").enroll(document(criteria=criteria)).findings == ()


@pytest.mark.parametrize("prefix", ["CN%3D", "subject=CN%3D", "Subject%3DCN%3D"])
def test_another_beginning(prefix: str) -> None:
    found = Story("wp8").enroll(document(criteria=f"{prefix}{CERT_CN}&Stores=My%5CUser"))
    assert rules_of(found.findings) == {"criteria-prefix"}


@pytest.mark.parametrize("end", ["", "&Stores=My%5CSystem", "&Stores=My"])
def test_another_end(end: str) -> None:
    found = Story("wp8").enroll(document(criteria=f"Subject=CN%3D{CERT_CN}{end}"))
    assert rules_of(found.findings) == {"criteria-store"}


@pytest.mark.parametrize(
    ("criteria", "left"),
    [(RIGHT.replace("&", "&amp;"), "&amp;"), (RIGHT.replace("%3D", "%253D"), "%25")],
)
def test_criteria_escaped_twice_are_one_mistake(criteria: str, left: str) -> None:
    found = Story("win10").enroll(document(criteria=criteria)).findings
    assert [(f.rule, f.severity) for f in found] == [("criteria-double-escaped", "error")]
    assert repr(left) in found[0].message
    assert found[0].places[0].where["xpath"] == WHERE
    assert found[0].places[0].evidence == criteria


def test_criteria_escaped_twice_may_name_another_subject_too() -> None:
    found = Story("wp8").enroll(document(criteria="Subject=CN%253DOTHER&Stores=My%5CUser"))
    assert rules_of(found.findings) == {"criteria-double-escaped", "criteria-subject-mismatch"}


@pytest.mark.parametrize(
    ("criteria", "says"),
    [(RIGHT.replace("%3D", "="), "plain ="), (RIGHT.replace("CN%3D", "CN%3D "), "plain a blank")],
)
def test_a_subject_with_plain_characters(criteria: str, says: str) -> None:
    found = Story("wp8").enroll(document(criteria=criteria)).findings
    assert [(f.rule, f.severity) for f in found] == [("criteria-unescaped", "warning")]
    assert found[0].message.endswith(says)
    assert found[0].places[0].where["xpath"] == WHERE
    assert found[0].places[0].evidence == criteria


def test_a_plain_comma_as_in_a_sample_of_the_vendor() -> None:
    criteria = "Subject=CN%3DTester,O%3DMicrosoft&Stores=My%5CUser"
    found = {f.rule: f for f in Story("wp8").enroll(document(criteria=criteria)).findings}
    assert found["criteria-unescaped"].message.endswith("plain ,")


@pytest.mark.parametrize("name", ["CN%3DOTHER", f"CN%3D{CERT_CN.lower()}", f"OU%3D{CERT_CN}"])
def test_another_subject_than_the_certificates(name: str) -> None:
    found = Story("wp8").enroll(document(criteria=f"Subject={name}&Stores=My%5CUser"))
    assert rules_of(found.findings) == {"criteria-subject-mismatch"}
    assert found.findings[0].severity == "error"


def test_a_nul_in_the_certificate_is_not_the_criterias_mistake() -> None:
    criteria = RIGHT.replace(CERT_CN, "DEVICE-1")
    found = Story("wp8").enroll(document(client=certificate(b"DEVICE-1\0"), criteria=criteria))
    assert rules_of(found.findings) == {"cert-subject-has-nul"}


def test_criteria_of_an_earlier_certificate() -> None:
    found = Story("wp8").enroll(document(client=certificate(b"NEW-NAME"), criteria=RIGHT))
    assert rules_of(found.findings) == {"criteria-subject-mismatch"}


def test_a_warning_once_the_server_was_seen_to_do_without() -> None:
    story = Story("wp8").enrolled(document(criteria=RIGHT.replace("Subject=", "")))
    before = {f.rule: f.severity for f in story.inspector.findings()}
    assert before == {"criteria-prefix": "error"}
    tls = TlsFacts(version="TLSv1.2")
    story.sync(package1(cred=device_cred()), answer("2", "212"), tls=tls)
    after = {f.rule: f.severity for f in story.inspector.findings()}
    assert after == {"criteria-prefix": "warning"}


def test_so_it_is_with_criteria_escaped_twice() -> None:
    story = Story("wp8").enrolled(document(criteria=RIGHT.replace("&", "&amp;")))
    assert [f.severity for f in story.inspector.findings()] == ["error"]
    tls = TlsFacts(version="TLSv1.2")
    story.sync(package1(cred=device_cred()), answer("2", "212"), tls=tls)
    assert [f.severity for f in story.inspector.findings()] == ["warning"]
