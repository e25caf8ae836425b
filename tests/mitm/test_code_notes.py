"""What the content views say about codes."""

from __future__ import annotations

import pytest

from mdmcore.enrollment.fault import serialize_fault
from mdmcore.mitm.code_notes import fault_notes, syncml_notes
from mdmcore.xml import parse_lenient
from tests.support.messages import syncml
from tests.support.requirements import shared_file


def status(code: str, ref: str, cmd: str = "Get") -> str:
    return (
        f"<Status><CmdID>1</CmdID><CmdRef>{ref}</CmdRef><Cmd>{cmd}</Cmd>"
        f"<Data>{code}</Data></Status>"
    )


def test_a_fault_is_named_with_its_hresult() -> None:
    root = parse_lenient(serialize_fault("MessageFormat", "no")).root
    (note,) = fault_notes(root)
    assert note.startswith("MessageFormat: 0x80180001 MENROLL_E_DEVICE_MESSAGE_FORMAT_ERROR, ")


def test_the_error_type_of_the_detail_is_named_too() -> None:
    fault = serialize_fault("Authorization", "no", error_type="DeviceCapReached", trace_id="x")
    notes = fault_notes(parse_lenient(fault).root)
    assert [note.split(":")[0] for note in notes] == ["Authorization", "DeviceCapReached"]


def test_words_outside_a_fault_are_none() -> None:
    assert fault_notes(parse_lenient(b"<a><Value>s:MessageFormat</Value></a>").root) == []


def test_status_and_alert_codes_are_explained_once() -> None:
    body = "".join(
        [
            status("212", "0", "SyncHdr"),
            status("405", "2"),
            status("405", "3", "Replace"),
            status("499", "4"),
            "<Alert><CmdID>9</CmdID><Data>1226</Data></Alert>",
        ]
    )
    notes = syncml_notes(parse_lenient(syncml(body)).root)
    assert [note.split(":")[0] for note in notes] == [
        "Status 212 Authentication accepted",
        "Status 405 Command not allowed",
        "Status 499, an unknown code (for Get 4)",
        "Alert 1226 Generic alert",
    ]
    assert notes[0].endswith("(for SyncHdr 0)")
    assert notes[1].endswith("(for Get 2, Replace 3)")


def test_many_codes_and_many_commands_stay_bounded() -> None:
    body = "".join(status(str(code), "1") for code in range(1000, 2000))
    assert len(syncml_notes(parse_lenient(syncml(body)).root)) == 32
    body = "".join(status("404", str(number)) for number in range(1000))
    (note,) = syncml_notes(parse_lenient(syncml(body)).root)
    assert note.endswith("and 992 more)")


@pytest.mark.parametrize("body", ["<Status/>", "<Status><Data/></Status>", "<Alert/>"])
def test_what_lacks_its_code_is_said_and_survived(body: str) -> None:
    (note,) = syncml_notes(parse_lenient(syncml(body)).root)
    assert "unknown code" in note


def test_the_phones_own_first_message() -> None:
    body = shared_file("captures", "wp81-lumia", "lumia630_syncml_pkg1.xml").read_bytes()
    notes = syncml_notes(parse_lenient(body).root)
    assert [note.split(":")[0] for note in notes] == ["Alert 1201 Client-initiated session"]
