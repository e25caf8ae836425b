"""MDMDiagReport.xml, written by hand with the elements that public readers of it name."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mdmcore.capture import open_capture
from mdmcore.capture.diagnostics import read_diagnostics
from mdmcore.capture.source import Reading
from mdmcore.http import Exchange

REPORT = """\
<?xml version="1.0" encoding="utf-8"?>
<MDMEnterpriseDiagnosticsReport>
  <Version>1.0</Version>
  <DeviceManagementAccount>
    <Enrollment>
      <EnrollmentId>aaaaaaaa-AAAA-AAAA-AAAA-AAAAAAAAAAAA</EnrollmentId>
      <UPN>Anna@example.test</UPN>
      <SslClientCertReference>MY;System;bfb08cfe9ffa0c3a0e0c29fd54e44f0a3b2b9c11</SslClientCertReference>
      <ProtectedInformation>
        <MDMServerName>https://MDM.example.test/omadm?token=geheim</MDMServerName>
        <AddressInformation><Address>https://mdm.example.test/omadm</Address></AddressInformation>
        <ConnectionInformation>
          <ServerLastSuccessTime>20261124T100000Z</ServerLastSuccessTime>
          <ServerLastFailureTime>20261123T100000Z</ServerLastFailureTime>
        </ConnectionInformation>
      </ProtectedInformation>
    </Enrollment>
    <Enrollment><EnrollmentId>BBBBBBBB-AAAA-AAAA-AAAA-AAAAAAAAAAAA</EnrollmentId></Enrollment>
  </DeviceManagementAccount>
  <PolicyManager><ConfigSource><EnrollmentId>x</EnrollmentId></ConfigSource></PolicyManager>
</MDMEnterpriseDiagnosticsReport>
"""


def read(data: bytes) -> tuple[list[Exchange], Reading]:
    reading = Reading(name="report")
    return list(read_diagnostics(io.BytesIO(data), reading)), reading


def test_tells_server_account_contact_and_certificate():
    (found,), reading = read(REPORT.encode())
    told = found.observation
    assert told is not None
    assert not reading.problems
    assert reading.passed_over == {"local enrolment": 1}
    assert told.hosts == ("mdm.example.test",)
    assert told.users == ("anna@example.test",)
    assert told.enrollments == ("AAAAAAAA-AAAA-AAAA-AAAA-AAAAAAAAAAAA",)
    assert told.thumbprints == ("BFB08CFE9FFA0C3A0E0C29FD54E44F0A3B2B9C11",)
    assert told.facts["last_success"] == "2026-11-24T10:00:00Z"
    assert found.started == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def test_queries_are_left_out():
    (found,), _ = read(REPORT.encode())
    assert "geheim" not in repr(found)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_is_told_by_its_root(tmp_path: Path, encoding: str):
    path = tmp_path / "report"
    path.write_bytes(REPORT.replace('encoding="utf-8"', f'encoding="{encoding}"').encode(encoding))
    capture = open_capture(path)
    assert (capture.format, len(list(capture.exchanges()))) == ("diagnostics", 1)


def test_a_cut_report_is_told_and_never_raises():
    data = REPORT.encode()
    for at in range(0, len(data) - 1, 11):
        _, reading = read(data[:at])
        assert reading.problems or at > data.rindex(b">") - 1


def test_entities_are_refused():
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><MDMEnterpriseDiagnosticsReport>&a;'
    found, reading = read(bomb)
    assert found == []
    assert reading.problems
