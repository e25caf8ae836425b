"""Errors say what is wrong, where, and whose fault it is, in one line."""

from __future__ import annotations

import pytest

from mdmcore.errors import (
    AlreadyRecorded,
    Asn1Error,
    CaptureError,
    ConfigError,
    DeviceFault,
    MdmError,
    NoCapture,
    ParseError,
    ProtocolError,
    ServerFault,
    WbxmlError,
    XmlError,
)


@pytest.mark.parametrize(
    ("error", "text", "where"),
    [
        (XmlError("bad", line=3, column=7), "bad (line 3, column 7)", "line 3, column 7"),
        (XmlError("bad", line=3), "bad (line 3)", "line 3"),
        (XmlError("bad", line=3, offset=9), "bad (line 3)", "line 3"),
        (Asn1Error("bad", offset=0), "bad (offset 0)", "offset 0"),
        (WbxmlError("bad"), "bad", ""),
    ],
)
def test_parse_errors_name_the_place(error: ParseError, text: str, where: str) -> None:
    assert (str(error), error.where, error.message) == (text, where, "bad")


@pytest.mark.parametrize("kind", [ProtocolError, DeviceFault, ServerFault])
def test_protocol_errors_name_the_element(kind: type[ProtocolError]) -> None:
    assert str(kind("wrong", place="/a/b")) == "wrong (/a/b)"
    assert str(kind("wrong")) == "wrong"
    assert kind("wrong", place="/a/b").place == "/a/b"


def test_capture_errors_say_how_far_reading_came() -> None:
    error = CaptureError("cut off", where="flow 3")
    assert (str(error), error.where) == ("cut off (flow 3)", "flow 3")
    assert str(CaptureError("cut off")) == "cut off"


@pytest.mark.parametrize(
    ("kind", "parent"),
    [
        (XmlError, ParseError),
        (WbxmlError, ParseError),
        (Asn1Error, ParseError),
        (DeviceFault, ProtocolError),
        (ServerFault, ProtocolError),
        (ParseError, MdmError),
        (ProtocolError, MdmError),
        (CaptureError, MdmError),
        (NoCapture, CaptureError),
        (ConfigError, MdmError),
        (AlreadyRecorded, MdmError),
    ],
)
def test_the_tree(kind: type[MdmError], parent: type[MdmError]) -> None:
    assert issubclass(kind, parent)
    assert not issubclass(DeviceFault, ServerFault)
