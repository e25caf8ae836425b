"""Reports of ``MdmDiagnosticsTool.exe``: MDMDiagReport.xml, facts of the device's enrolments.

Source: formats.md section 5.5 and public readers of these reports, which name the elements. Of each
enrolment the server, the account, the last contacts and the certificate are told; the tables of
policies and of the registry are not. A report is no exchange: each enrolment in it is an
observation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from types import MappingProxyType
from typing import BinaryIO

from mdmcore.capture.events.event import without_secrets
from mdmcore.capture.source import Reading
from mdmcore.errors import XmlError
from mdmcore.http import Exchange, Request, observation_exchange
from mdmcore.observation import Observation
from mdmcore.xml import (
    MAX_XML_BYTES,
    Element,
    iter_elements,
    local_name,
    parse_lenient,
    text_of,
)

ROOT = "MDMEnterpriseDiagnosticsReport"
_BEGIN = re.compile(rf"<(?:\w{{1,20}}:)?{ROOT}[\s>/]")

_FACTS = MappingProxyType(
    {
        "EnrollmentId": "enrollment_id",
        "EnrollmentState": "enrollment_state",
        "EnrollmentType": "enrollment_type",
        "UPN": "user",
        "MDMServerName": "mdm_server",
        "MDMServerVersion": "mdm_server_version",
        "OMADMProtocolVersion": "dm_version",
        "ProviderID": "provider_id",
        "ApplicationID": "application_id",
        "AuthenticationPreference": "authentication",
        "Address": "mdm_address",
        "ServerLastSuccessTime": "last_success",
        "ServerLastFailureTime": "last_failure",
        "SslClientCertReference": "certificate_reference",
        "SslClientCertSearchCriteria": "certificate_criteria",
    }
)
"""Elements of an enrolment, and what they are called here."""
_COMPUTER = ("ComputerName", "DeviceName", "MachineName", "PCName")
_THUMBPRINT = re.compile(r"(?i)(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")
_MAX_VALUE = 500
_MAX_ENROLLMENTS = 100


def is_diagnostics(text: str) -> bool:
    """Whether that is the begin of such a report."""
    return _BEGIN.search(text[:8192]) is not None


def read_diagnostics(file: BinaryIO, reading: Reading) -> Iterator[Exchange]:
    """An observation of each enrolment that has a server; others, of Windows itself, are
    counted."""
    file.seek(0)
    data = file.read(MAX_XML_BYTES + 1)
    try:
        parsed = parse_lenient(data)
    except XmlError as error:
        reading.problem(error.where or "the report", f"it cannot be read: {error.message}")
        return
    for problem in parsed.problems[:1]:
        reading.problem(f"line {problem.line}", f"the report is damaged: {problem.message}")
    root = parsed.root
    computer = next(
        (text_of(each) for each in iter_elements(root) if local_name(each) in _COMPUTER), ""
    )
    count = 0
    for element in iter_elements(root):
        if local_name(element) != "Enrollment" or not len(element):
            continue
        facts = _facts(element)
        if not facts.get("mdm_server") and not facts.get("mdm_address"):
            reading.passed_over["local enrolment"] += 1
            continue
        count += 1
        if count > _MAX_ENROLLMENTS:
            reading.problem("the report", f"more than {_MAX_ENROLLMENTS} enrolments")
            return
        index = reading.next_index()
        yield observation_exchange(
            _observation(facts, computer.strip()),
            id=reading.exchange_id(index),
            index=index,
            capture=reading.name,
            started=_latest(facts),
        )


def _facts(enrollment: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in iter_elements(enrollment):
        name = _FACTS.get(local_name(element))
        value = without_secrets(" ".join(text_of(element).split()))[:_MAX_VALUE]
        if name is not None and value and not len(element):
            found.setdefault(name, _shown_time(value) if name.startswith("last_") else value)
    return found


def _observation(facts: dict[str, str], computer: str) -> Observation:
    certificate = facts.get("certificate_reference", "")
    urls = (facts.get("mdm_server", ""), facts.get("mdm_address", ""))
    user = facts.get("user", "")
    server = urls[0] or urls[1]
    success, failure = facts.get("last_success", ""), facts.get("last_failure", "")
    told = ", ".join(
        part
        for part in (
            f"enrolment {facts['enrollment_id']}" if "enrollment_id" in facts else "enrolment",
            f"server {server}",
            f"last success {success}" if success else "no success told",
            f"last failure {failure}" if failure else "",
        )
        if part
    )
    return Observation(
        source="diagnostics report",
        text=told,
        level="",
        device=computer[:255],
        users=(user.lower(),) if "@" in user else (),
        hosts=tuple(dict.fromkeys(filter(None, map(_host, urls)))),
        enrollments=(facts["enrollment_id"].strip("{}").upper(),)
        if "enrollment_id" in facts
        else (),
        thumbprints=tuple(found.upper() for found in _THUMBPRINT.findall(certificate)),
        facts=MappingProxyType(facts),
    )


def _host(url: str) -> str:
    if "://" in url:
        return Request(method="", url=url).host
    host = url.strip().lower().partition("/")[0].partition(":")[0]
    return host if re.fullmatch(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", host) else ""


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _shown_time(text: str) -> str:
    found = _time(text)
    return text if found is None else found.isoformat().replace("+00:00", "Z")


def _latest(facts: dict[str, str]) -> datetime | None:
    """When the device was last in contact: until then the report tells."""
    times = []
    for name in ("last_success", "last_failure"):
        try:
            found = datetime.fromisoformat(facts.get(name, ""))
        except ValueError:
            continue
        if found.tzinfo is not None and found.year > 1970:
            times.append(found)
    return max(times, default=None)
