"""Loose SyncML messages in WBXML are read as those in XML are."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from mdmcore.inspector import inspect_artifact
from mdmcore.inspector.artifact import ArtifactSettings
from mdmcore.syncml.wbxml import encode_wbxml
from mdmcore.syncml.xml import parse_syncml
from tests.support import messages as m
from tests.syncml.wbxml.vectors import VALID, W2, W2_XML, W5


@pytest.mark.parametrize("name", ["W1", "W2", "W3"])
def test_each_vector_is_read(name: str) -> None:
    (report,) = inspect_artifact(VALID[name], name=name)
    assert (report.kind, report.problem) == ("syncml", None)
    assert report.layers == ("WBXML",)


def test_it_says_what_the_same_message_in_xml_says() -> None:
    settings = ArtifactSettings(is_shown=True)
    (binary,) = inspect_artifact(base64.b64encode(W2), name="x", settings=settings)
    (text,) = inspect_artifact(W2_XML.encode(), name="x", settings=settings)
    assert binary.layers == ("base64", "WBXML")
    assert binary.summary == text.summary
    assert binary.shown == text.shown
    assert binary.facts["encoding"] == "wbxml"


def test_a_message_of_the_server_is_known_by_its_source() -> None:
    message = parse_syncml(m.syncml(m.PACKAGE_1))
    header = replace(message.header, source="https://mdm.example.test/DM")
    (report,) = inspect_artifact(encode_wbxml(replace(message, header=header)), name="x")
    assert report.facts["from"] == "the server"


def test_where_it_breaks_off_is_said() -> None:
    (report,) = inspect_artifact(W5, name="x")
    assert report.problem is not None
    assert "WBXML" in report.problem.message
    assert report.problem.where


@pytest.mark.parametrize("length", range(1, len(W2)))
def test_no_truncation_breaks_it(length: int) -> None:
    assert inspect_artifact(W2[:length], name="x")
