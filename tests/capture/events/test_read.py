"""Event logs in the forms in which people hand them on. The samples are written by hand after
Microsoft's public description of the event schema and of what these tools print."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.capture.events import is_event_log, is_pasted_text, read_events
from mdmcore.capture.source import Reading
from mdmcore.capture.text_lines import decoded
from mdmcore.observation import Observation

PROVIDER = "Microsoft-Windows-DeviceManagement-Enterprise-Diagnostics-Provider"
GUID = "AAAAAAAA-AAAA-AAAA-AAAA-AAAAAAAAAAAA"
STARTED = (
    f"MDM Session: OMA-DM session started for EnrollmentID ({GUID}) with server: (MS DM Server), "
    "Server version: (4.0), Client Version: (1.2), SessionID: (0x2D), Authentication Type: (0x3)."
)
FAILED = "Auto MDM Enroll: Device Credential (0x0), Failed (Unknown Win32 Error code: 0x8018002b)"
NOT_SENT = (
    "MDM Session: OMA-DM message failed to be sent. Result: (Unknown Win32 Error code: 0x80072ee7)"
)


def event(
    number: int = 76,
    *,
    message: str = FAILED,
    level: int = 2,
    provider: str = PROVIDER,
    time: str = "2026-11-24T10:00:00.1234567Z",
    data: str = "",
) -> str:
    rendering = f"<RenderingInfo><Message>{message}</Message></RenderingInfo>" if message else ""
    return (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        f"<Provider Name='{provider}'/><EventID>{number}</EventID><Level>{level}</Level>"
        f"<TimeCreated SystemTime='{time}'/><Channel>{provider}/Admin</Channel>"
        f"<Computer>PC-1</Computer></System><EventData>{data}</EventData>{rendering}</Event>\n"
    )


def read(text: str | bytes) -> tuple[list[Observation], Reading]:
    data = text if isinstance(text, bytes) else text.encode()
    reading = Reading(name="log")
    found = []
    for exchange in read_events(io.BytesIO(data), reading):
        assert exchange.observation is not None
        found.append(exchange.observation)
    return found, reading


def test_events_without_a_root():
    text = event() + event(208, message=STARTED, level=4)
    (first, second), reading = read(text)
    assert is_event_log(text)
    assert not reading.problems
    assert (first.event, first.level, first.device) == (76, "error", "PC-1")
    assert first.text == FAILED
    assert first.source == f"{PROVIDER}/Admin"
    assert (second.session, second.enrollments) == ("0x2D", (GUID,))


def test_events_have_the_time_of_the_log():
    reading = Reading(name="log")
    (found,) = read_events(io.BytesIO(event().encode()), reading)
    assert found.started == datetime(2026, 11, 24, 10, 0, 0, 123456, tzinfo=UTC)
    assert (found.request.method, found.response, found.request.body) == ("EVENT", None, None)


def test_event_viewer_has_a_root_and_a_declaration():
    text = f'<?xml version="1.0" encoding="utf-8"?>\n<Events>{event()}{event(75)}</Events>'
    assert is_event_log(text)
    found, _ = read(text)
    assert [one.event for one in found] == [76, 75]


def test_without_a_message_the_values_tell():
    data = "<Data Name='HRESULT'>2149056532</Data><Data Name='Message1'>x</Data>"
    (found,), _ = read(event(message="", data=data))
    assert found.text == "HRESULT: 2149056532, Message1: x"


def test_events_of_others_are_counted():
    found, reading = read(event(7036, message="started", provider="Service Control Manager"))
    assert found == []
    assert reading.passed_over == {"other event": 1}


def test_a_broken_event_does_not_hide_the_next():
    found, reading = read(event()[:200] + "\n" + event(75))
    assert [problem.where for problem in reading.problems] == ["line 1"]
    assert found[-1].event == 75


CSV = (
    "Level,Date and Time,Source,Event ID,Task Category\n"
    f'Error,11/24/2026 10:00:00 AM,{PROVIDER},404,None,"MDM ConfigurationManager: Command failure\n'
    'status, Result: (0x86000002)."\n'
    f"Information,11/24/2026 10:00:01 AM,{PROVIDER},208,None,{STARTED.replace(',', ';')}\n"
)


@pytest.mark.parametrize(
    "text",
    [
        CSV,
        CSV.replace(";", "#").replace(",", "\t").replace("#", ";"),
        CSV.replace(
            "Level,Date and Time,Source,Event ID,Task Category",
            "Ebene,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie",
        ),
        CSV.replace("\n", "\r\n"),
    ],
    ids=["csv", "tsv", "german", "crlf"],
)
def test_a_table_of_event_viewer(text: str):
    found, reading = read(text)
    assert is_event_log(text)
    assert not reading.problems
    assert [one.event for one in found] == [404, 208]
    assert "Command failure status" in found[0].text
    assert found[0].level == "error"
    assert found[0].local_time == "11/24/2026 10:00:00 AM"


def test_a_table_of_powershell_in_utf16():
    text = (
        "#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\n"
        '"Message","Id","Version","ProviderName","MachineName","TimeCreated","LevelDisplayName"\n'
        f'"{FAILED}","76","0","{PROVIDER}","PC-1.example.test","24.11.2026 10:00:00","Error"\n'
    )
    (found,), _ = read(text.encode("utf-16"))
    assert is_event_log(decoded(text.encode("utf-16")))
    assert (found.event, found.device, found.level) == (76, "PC-1.example.test", "error")


LIST = f"""
TimeCreated  : 11/24/2026 10:00:00 AM
ProviderName : {PROVIDER}
Id           : 76
Message      : Auto MDM Enroll: Device Credential (0x0), Failed (Unknown Win32 Error code:
               0x8018002b)

TimeCreated  : 11/24/2026 10:00:01 AM
ProviderName : {PROVIDER}
Id           : 208
Message      : {STARTED}
"""
COPIED = f"""\
Log Name:      {PROVIDER}/Admin
Source:        {PROVIDER}
Date:          11/24/2026 10:00:00 AM
Event ID:      76
Task Category: None
Level:         Error
Keywords:
User:          SYSTEM
Computer:      PC-1
Description:
{FAILED}
Log Name:      {PROVIDER}/Admin
Source:        {PROVIDER}
Date:          11/24/2026 10:00:01 AM
Event ID:      208
Level:         Information
Computer:      PC-1
Description:
{STARTED}
Event Xml:
{event(208, message=STARTED)}
"""


@pytest.mark.parametrize("text", [LIST, COPIED], ids=["Get-WinEvent", "copied"])
def test_lists_of_events(text: str):
    (first, second), reading = read(text)
    assert is_event_log(text)
    assert not reading.problems
    assert (first.event, second.event) == (76, 208)
    assert "0x8018002b)" in first.text
    assert second.enrollments == (GUID,)


def test_what_was_copied_has_computer_and_level():
    (first, _), _ = read(COPIED)
    assert (first.device, first.level) == ("PC-1", "error")


def test_pasted_lines_that_count():
    text = f"Hello,\n\nsince Monday:\n> {NOT_SENT}\nand 0x80180014 at the end\nThanks\n"
    assert is_pasted_text(text.encode())
    found, reading = read(text)
    assert [one.text for one in found] == [f"> {NOT_SENT}", "and 0x80180014 at the end"]
    assert reading.passed_over == {"other line": 3}


def test_a_pasted_line_has_its_time_level_and_event():
    reading = Reading(name="log")
    line = f"2026-11-24 10:00:00Z [Error] event 76: {FAILED}"
    (found,) = read_events(io.BytesIO(line.encode()), reading)
    assert found.started == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    assert found.observation is not None
    assert (found.observation.event, found.observation.level) == (76, "error")


@pytest.mark.parametrize(
    "text",
    [
        "12:30:45 nothing here\n",
        "see 0x12345678 and 0xdeadbeef\n",
        "MDM Enroll: all is well\n",
        "a table 404 500 12007\n",
        "",
        "\0\0 0x80180014",
    ],
)
def test_other_text_is_no_log_of_a_device(text: str):
    assert not is_pasted_text(text.encode())


def test_names_are_found_and_secrets_left_out():
    token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
    text = (
        "MDM Enroll: Server https://MDM.example.test:443/enrol?code=geheim refused "
        f"Anna@example.test with {token}, help at https://go.microsoft.com/fwlink/?id=1 0x80180014"
    )
    (found,), _ = read(text)
    assert found.hosts == ("mdm.example.test",)
    assert found.users == ("anna@example.test",)
    assert "geheim" not in found.text
    assert token not in found.text


@pytest.mark.parametrize(
    "text", [event() * 3, CSV, LIST, COPIED, NOT_SENT], ids=["xml", "csv", "list", "copied", "text"]
)
def test_cut_anywhere_it_never_raises(text: str):
    for at in range(0, len(text), 7):
        read(text[:at])


@given(st.binary(max_size=200), st.integers(0, 2000))
@settings(max_examples=150, deadline=None)
def test_junk_in_it_never_raises(junk: bytes, at: int):
    for text in (event() * 2, CSV, COPIED):
        data = text.encode()
        read(data[:at] + junk + data[at:])


def test_a_huge_cell_is_a_problem_and_not_the_end():
    found, reading = read(CSV.replace("Command failure", "x" * 200_000))
    assert [problem.message.startswith("this row") for problem in reading.problems] == [True]
    assert found[-1].event == 208
