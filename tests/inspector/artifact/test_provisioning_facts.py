"""Provisioning documents in a few facts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.enrollment.aetx import parse_aetx
from mdmcore.inspector.artifact.provisioning_facts import (
    aetx_comparison,
    document_facts,
    document_summary,
    is_aetx,
    is_renewal_answer,
)
from mdmcore.inspector.masking import Mask
from mdmcore.inspector.provisioning_part import read_provisioning
from mdmcore.records import AuthScheme
from tests.support.artifacts import aetx
from tests.support.story import (
    CERT_CN,
    DEVICE_SECRET,
    HUB,
    SERVER_SECRET,
    account,
    document,
)


def test_the_facts_of_a_document() -> None:
    facts = document_facts(read_provisioning(document()), Mask())
    assert facts["criteria"] == f"Subject=CN%3D{CERT_CN}&Stores=My%5CUser"
    assert facts["appauth"] == [
        "CLIENT DIGEST secret *** nonce of 16 bytes",
        f"APPSRV DIGEST name {CERT_CN} secret *** nonce of 16 bytes",
    ]
    assert facts["retry_sets"] == [
        "first (Aux): 10 times every 15 min",
        "second: 8 times every 60 min",
        "periodic (Aux2): 0 times every 480 min",
    ]
    assert facts["enrollment_token"] == f"{len(HUB.enrollment_token or '')} characters"
    assert SERVER_SECRET not in repr(facts)
    assert DEVICE_SECRET in repr(
        document_facts(read_provisioning(document()), Mask(show_secrets=True))
    )


def test_what_is_absent_is_left_out() -> None:
    wap = document(hub=None, dm_account=account(scheme=AuthScheme.BASIC))
    facts = document_facts(read_provisioning(wap), Mask())
    assert not {"enterprise_id", "store_uri", "problem", "not_well_formed"} & facts.keys()
    assert facts["appauth"][1].startswith("APPSRV BASIC")


def test_what_is_wrong_with_it_has_its_place() -> None:
    facts = document_facts(read_provisioning(document() + b"</x>"), Mask())
    assert facts["not_well_formed"].startswith("line 1, column ")
    assert "problem" in document_facts(read_provisioning(b"<"), Mask())


def test_the_summaries() -> None:
    assert document_summary(read_provisioning(document())) == (
        f"provisioning document for CN={CERT_CN}"
    )
    assert document_summary(read_provisioning(b"<")) == (
        "a provisioning document that cannot be read"
    )
    assert document_summary(read_provisioning(document() + b"</x>")).endswith("not well-formed")
    assert "without a readable client certificate" in document_summary(
        read_provisioning(b"<wap-provisioningdoc/>")
    )


def test_an_aetx_has_one_branch() -> None:
    for data, wanted in ((aetx(), True), (document(), False), (b"<wap-provisioningdoc/>", False)):
        part = read_provisioning(data)
        assert part.document is not None
        assert is_aetx(part.document) is wanted


STORE = document()[document().index(b'<characteristic type="CertificateStore">') :]
STORE = STORE[: STORE.index(b'<characteristic type="APPLICATION">')]
NAMED = (
    b'<characteristic type="APPLICATION"><parm name="PROVIDER-ID" value="X"/>%s</characteristic>'
)


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (STORE + NAMED % b"", True),
        (STORE + NAMED % b'<parm name="APPID" value="w7"/>', True),
        (STORE + NAMED % b"" + b'<characteristic type="Registry"/>', True),
        (STORE, False),
        (NAMED % b"", False),
        (STORE + NAMED % b'<parm name="ADDR" value="https://a"/>', False),
        (STORE + NAMED % b'<characteristic type="APPAUTH"/>', False),
        (STORE + NAMED % b"" + b'<characteristic type="DMClient"/>', False),
        (b"", False),
    ],
)
def test_a_renewal_is_answered_by_a_certificate_and_a_name(content: bytes, wanted: bool) -> None:
    wap = b'<wap-provisioningdoc version="1.1">%s</wap-provisioningdoc>' % content
    assert is_renewal_answer(read_provisioning(wap)) is wanted


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda token: token, "same Enterprise ID, same EnrollmentToken"),
        (lambda token: token[:50], "50 characters, "),
        (lambda token: token[:50], "one is the beginning of the other"),
        (lambda token: token[:9] + "#" + token[10:], "from character 10 on"),
        (lambda token: "x", "(1 characters, "),
    ],
)
def test_the_comparison_tells_no_token(change, said: str) -> None:
    file = parse_aetx(aetx())
    hub = replace(HUB, enrollment_token=change(file.enrollment_token))
    text = aetx_comparison(read_provisioning(document(hub=hub)), file)
    assert said in text
    assert file.enrollment_token[:40] not in text


def test_the_comparison_with_another_enterprise_and_without_a_branch() -> None:
    file = parse_aetx(aetx())
    other = document(hub=replace(HUB, enterprise_id="5"))
    assert aetx_comparison(read_provisioning(other), file).startswith("another Enterprise ID")
    assert "no EnterpriseAppManagement" in aetx_comparison(
        read_provisioning(document(hub=None)), file
    )
