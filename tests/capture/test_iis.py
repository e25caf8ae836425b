"""Logs of IIS, written by hand after the W3C extended format and Microsoft's list of fields."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.capture import open_capture
from mdmcore.capture.iis import read_iis_log
from mdmcore.capture.source import Reading
from mdmcore.http import Exchange
from mdmcore.report import analyze

FIELDS = (
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
    "cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken\n"
)
PROBE = (
    "2026-11-24 10:00:00 192.0.2.4 GET /EnrollmentServer/Discovery.svc - 443 - 192.0.2.9 "
    "Windows+Phone+8+Enrollment+Client 404 0 2 1500\n"
)
DM = (
    "2026-11-24 10:05:00 192.0.2.4 POST /omadm mode=x&y=1 8443 - 192.0.2.9 "
    "MSFT+OMA+DM+Client/1.2.0.1 200 0 0 15\n"
)
LOG = f"#Software: Microsoft Internet Information Services 8.5\n#Version: 1.0\n{FIELDS}{PROBE}{DM}"


def read(text: str) -> tuple[list[Exchange], Reading]:
    reading = Reading(name="log")
    return list(read_iis_log(io.BytesIO(text.encode("utf-8", "replace")), reading)), reading


def test_reads_requests_and_statuses():
    (probe, sync), reading = read(LOG)
    assert not reading.problems
    assert probe.request.url == "https://192.0.2.4/EnrollmentServer/Discovery.svc"
    assert probe.request.headers.get("User-Agent") == "Windows Phone 8 Enrollment Client"
    assert probe.response is not None
    assert (probe.response.status, probe.peer) == (404, "192.0.2.9")
    assert probe.ended == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    assert probe.started == probe.ended - timedelta(seconds=1.5)
    assert probe.remarks == ("IIS status 404.0, Win32 2",)
    assert sync.request.url == "https://192.0.2.4:8443/omadm?mode=x&y=1"


def test_bodies_are_unknown_and_not_empty():
    for exchange in read(LOG)[0]:
        assert exchange.request.body is None
        assert exchange.response is not None
        assert exchange.response.body is None


def test_rules_on_statuses_speak(tmp_path: Path):
    path = tmp_path / "u_ex261124.log"
    path.write_text(LOG, encoding="utf-8")
    capture = open_capture(path)
    analysis = analyze([capture]).run()
    assert capture.format == "log"
    assert {finding.rule for finding in analysis.findings} == {"discovery-get-not-200"}


def test_fields_may_change_and_the_host_may_be_told():
    changed = (
        "#Fields: cs-host sc-status cs-method cs-uri-stem s-port\nMDM.example.test 200 GET / 80\n"
    )
    found, reading = read(LOG + changed)
    assert not reading.problems
    assert (found[-1].request.url, found[-1].started) == ("http://MDM.example.test/", None)


@pytest.mark.parametrize("line", ["too few columns\n", PROBE.replace(" 404 ", " x ")])
def test_a_bad_line_is_a_problem_with_its_number(line: str):
    found, reading = read(LOG.replace(PROBE, line))
    assert [problem.where for problem in reading.problems] == ["line 4"]
    assert len(found) == 1


@given(st.text(max_size=80), st.integers(0, len(LOG)))
@settings(max_examples=150, deadline=None)
def test_junk_in_it_never_raises(junk: str, at: int):
    read(LOG[:at] + junk + LOG[at:])


def test_cut_anywhere_it_never_raises():
    for at in range(len(LOG)):
        read(LOG[:at])
