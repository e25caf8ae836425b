"""Loose provisioning documents, .aetx files, AETs and SyncML messages."""

from __future__ import annotations

import pytest

from mdmcore.enrollment.aetx import parse_aetx, serialize_aetx
from mdmcore.inspector import ArtifactReport, ArtifactSettings, inspect_artifact
from mdmcore.syncml.credentials import basic_cred
from mdmcore.syncml.model import Command, Item
from mdmcore.syncml.xml import serialize_syncml
from tests.support.artifacts import aet, aetx
from tests.support.messages import PACKAGE_1, syncml
from tests.support.story import (
    DM_URL,
    HUB,
    NONCE_S2C,
    answer,
    document,
    package1,
    rules_of,
)


def lint(data: bytes, **settings: object) -> ArtifactReport:
    (report,) = inspect_artifact(data, name="x", settings=ArtifactSettings(**settings))  # type: ignore[arg-type]
    return report


def test_a_document_has_its_facts() -> None:
    report = lint(document(hub=None))
    assert report.kind == "provisioning"
    assert report.facts["provider_id"] == "ExampleMDM"
    assert report.facts["addr"] == DM_URL
    assert [part.kind for part in report.parts] == ["certificate", "certificate"]
    assert report.content["response"]["provisioning"]["version"] == "1.1"


def test_a_document_cut_in_the_middle_is_read_as_far_as_it_goes() -> None:
    report = lint(document()[:3000])
    assert report.kind == "provisioning"
    assert "wap-not-wellformed" in rules_of(report.findings)
    assert report.problem is None


def test_an_aetx_is_no_document_that_enrols() -> None:
    report = lint(aetx())
    assert (report.kind, report.findings) == ("aetx", ())
    assert report.summary == ".aetx of enterprise 4000000001"
    assert [part.kind for part in report.parts] == ["aet", "certificate"]
    assert report.parts[0].facts["enterprise_id"] == "4000000001"
    assert report.parts[1].layers == ("XML", "base64", "XML", "base64", "DER certificate")


def test_a_broken_aetx_is_told() -> None:
    report = lint(aetx().replace(b"</wap-provisioningdoc>", b""))
    assert rules_of(report.findings) == {"wap-not-wellformed"}


def test_an_aet_alone() -> None:
    report = lint(aet())
    assert (report.kind, report.facts["enterprise_id"]) == ("aet", "4000000001")
    assert [part.kind for part in report.parts] == ["certificate"]
    assert report.findings == ()


@pytest.mark.parametrize("data", [b"<AET/>", b"<AET><EnterpriseId/></AET>"])
def test_an_aet_without_id_is_not_judged_and_says_so(data: bytes) -> None:
    report = lint(data)
    assert report.kind == "aet"
    assert report.notes == ("not judged: no EnterpriseId was found in it",)


def test_an_aet_that_is_no_xml_is_a_problem() -> None:
    report = lint(b'<!DOCTYPE AET [<!ENTITY a "b">]><AET>&a;</AET>')
    assert report.kind == "aet"
    assert report.problem is not None
    assert "entity" in report.problem.message


def test_an_aet_whose_id_no_file_can_hold_is_read() -> None:
    assert lint(aet().replace(b"4000000001", b"no number")).findings == ()


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (None, "same Enterprise ID, same EnrollmentToken"),
        ("VE9LRU4=", "another EnrollmentToken (8 characters, "),
    ],
)
def test_a_document_is_compared_with_the_aetx_that_is_given(token: str | None, said: str) -> None:
    file = parse_aetx(serialize_aetx("4000000001", aet()))
    from dataclasses import replace

    hub = replace(HUB, enrollment_token=token or file.enrollment_token)
    report = lint(document(hub=hub), aetx=file)
    assert said in report.facts["compared_with_aetx"]
    assert file.enrollment_token not in repr(report.facts)


def test_without_an_aetx_nothing_is_compared() -> None:
    assert "compared_with_aetx" not in lint(document()).facts


def test_a_message_of_the_device() -> None:
    report = lint(syncml(PACKAGE_1))
    assert (report.kind, report.facts["from"]) == ("syncml", "the device")
    assert report.summary == ("SyncML from the device, session 1A, message 1: Alert, Replace")
    assert "request" in report.content


def test_a_message_of_the_server() -> None:
    command = Command(name="Get", cmd_id="2", items=(Item(target="./DevInfo/DevId"),))
    report = lint(serialize_syncml(answer("2", "212", "1", command, next_nonce=NONCE_S2C)))
    assert report.facts["from"] == "the server"
    statuses = ["Status SyncHdr 212", "Status Alert 200", "Status Replace 200"]
    assert report.facts["commands"] == [*statuses, "Get ./DevInfo/DevId"]
    assert "response" in report.content


def test_secrets_of_a_message_are_masked() -> None:
    message = package1(cred=basic_cred("anna", "s3cret-password"))
    report = lint(serialize_syncml(message), is_shown=True)
    assert report.facts["cred.data"] == "***"
    assert message.header.cred is not None
    assert message.header.cred.data not in repr(report)


def test_a_message_that_is_not_well_formed_is_judged() -> None:
    report = lint(syncml(PACKAGE_1).replace(b"</SyncBody>", b""))
    assert rules_of(report.findings) == {"xml-not-wellformed"}
    assert "not well-formed" in report.summary


def test_a_message_without_header_is_read() -> None:
    report = lint(b'<SyncML xmlns="SYNCML:SYNCML1.2"><SyncBody/></SyncML>')
    assert report.summary == "a SyncML message that cannot be read"
    assert "SyncHdr is missing" in str(report.facts)
