"""Records to rows and back: the only place that knows how a value is written down."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import RowMapping

from mdmcore.records import (
    Account,
    AccountStatus,
    AuthScheme,
    CommandStatus,
    DiscoveryRecord,
    InventoryValue,
    IssuedCertificate,
    IssuedUserToken,
    JobResult,
    QueuedJob,
    QueueState,
    ServerFacts,
    SessionState,
    WatchedNode,
)

ERASED: Mapping[str, Any] = MappingProxyType(
    {
        "secret": "",
        "server_secret": None,
        "nonce_c2s": b"",
        "previous_nonce_c2s": None,
        "nonce_s2c": b"",
    }
)
"""What stands in the row of an account that has ended."""

_ACCOUNT_TIMES = ("enrolled", "last_session", "unenrolling_since", "unenrolled")
_JOB_TIMES = ("queued", "sent", "ended")
_ACCOUNT_SERIALS = ("certificate_serial", "previous_serial")


def time_text(moment: datetime | None) -> str | None:
    """ISO 8601 with offset, ``None`` kept."""
    return None if moment is None else moment.isoformat()


def time_value(text: str | None) -> datetime | None:
    """The aware datetime behind ``time_text``."""
    return None if text is None else datetime.fromisoformat(text)


def certificate_row(certificate: IssuedCertificate) -> dict[str, Any]:
    """A row of ``certificates``; serials are text, SQLite integers end at 63 bits."""
    values = _values(certificate)
    values["serial"] = str(certificate.serial)
    values["superseded_by"] = _serial_text(certificate.superseded_by)
    for name in ("issued", "not_after", "revoked"):
        values[name] = time_text(values[name])
    return values


def certificate_record(row: RowMapping) -> IssuedCertificate:
    """The record behind a row of ``certificates``."""
    values = dict(row)
    for name in ("serial", "superseded_by"):
        values[name] = _serial_value(values[name])
    for name in ("issued", "not_after", "revoked"):
        values[name] = time_value(values[name])
    return IssuedCertificate(**values)


def user_token_row(token: IssuedUserToken) -> dict[str, Any]:
    """A row of ``user_tokens``."""
    return {
        "digest": token.digest,
        "username": token.username,
        "expires": token.expires.isoformat(),
        "used": time_text(token.used),
    }


def user_token_record(row: RowMapping) -> IssuedUserToken:
    """The record behind a row of ``user_tokens``."""
    return IssuedUserToken(
        digest=row["digest"],
        username=row["username"],
        expires=datetime.fromisoformat(row["expires"]),
        used=time_value(row["used"]),
    )


def discovery_record(row: RowMapping) -> DiscoveryRecord:
    """The record behind a row of ``discoveries``."""
    values = {name: row[name] for name in ("email_address", "request_version", "device_type")}
    return DiscoveryRecord(**values, seen=datetime.fromisoformat(row["seen"]))


def account_row(account: Account) -> dict[str, Any]:
    """A row of ``accounts`` without its id; one that has ended keeps no secret."""
    values = _values(account)
    del values["is_shared"]
    values["scheme"] = account.scheme.value
    values["status"] = account.status.value
    for name in _ACCOUNT_SERIALS:
        values[name] = _serial_text(values[name])
    for name in _ACCOUNT_TIMES:
        values[name] = time_text(values[name])
    return values | dict(ERASED) if account.status is AccountStatus.UNENROLLED else values


def account_record(row: RowMapping) -> Account:
    """The record behind a row of ``accounts``."""
    values = dict(row)
    del values["id"]
    values["scheme"] = AuthScheme(values["scheme"])
    values["status"] = AccountStatus(values["status"])
    for name in _ACCOUNT_SERIALS:
        values[name] = _serial_value(values[name])
    for name in _ACCOUNT_TIMES:
        values[name] = time_value(values[name])
    return Account(**values)


def job_row(job: QueuedJob) -> dict[str, Any]:
    """A row of ``queue``."""
    values = _values(job)
    values["state"] = job.state.value
    values["values"] = json.dumps(job.values)
    values["watched"] = json.dumps([asdict(node) for node in job.watched])
    for name in _JOB_TIMES:
        values[name] = time_text(values[name])
    return values


def job_record(row: RowMapping) -> QueuedJob:
    """The record behind a row of ``queue``."""
    values = dict(row)
    values["state"] = QueueState(values["state"])
    values["values"] = tuple((name, value) for name, value in json.loads(values["values"]))
    values["watched"] = tuple(map(_watched, json.loads(values["watched"])))
    for name in _JOB_TIMES:
        values[name] = time_value(values[name])
    return QueuedJob(**values)


def _watched(values: dict[str, Any]) -> WatchedNode:
    return WatchedNode(
        uri=values["uri"],
        done=tuple(values["done"]),
        failed=tuple(values["failed"]),
        error=values["error"],
    )


def job_result_row(result: JobResult) -> dict[str, Any]:
    """A row of ``job_results``."""
    return _values(result) | {"at": result.at.isoformat()}


def job_result_record(row: RowMapping) -> JobResult:
    """The record behind a row of ``job_results``."""
    values = dict(row)
    return JobResult(**values | {"at": datetime.fromisoformat(values["at"])})


def inventory_record(row: RowMapping) -> InventoryValue:
    """The record behind a row of ``inventory``."""
    values = {name: row[name] for name in ("uri", "value", "format", "type")}
    return InventoryValue(**values, read=time_value(row["read"]))


def status_record(row: RowMapping) -> CommandStatus:
    """The record behind a row of ``command_statuses``."""
    values = {name: value for name, value in row.items() if name != "id"}
    return CommandStatus(**values | {"at": datetime.fromisoformat(values["at"])})


def server_facts_rows(facts: ServerFacts) -> Iterator[dict[str, str]]:
    """The rows of ``server_facts``, one for each field."""
    for name, value in asdict(facts).items():
        yield {"name": name, "value": value}


def server_facts_record(values: Mapping[str, str]) -> ServerFacts | None:
    """The record behind all rows of ``server_facts``, ``None`` where there are none."""
    names = {field.name for field in fields(ServerFacts)}
    known = {name: value for name, value in values.items() if name in names}
    return ServerFacts(**known) if "provider_id" in known else None


def session_row(session: SessionState) -> dict[str, Any]:
    """A row of ``sessions``."""
    values = _values(session)
    values["started"] = time_text(session.started)
    values["updated"] = time_text(session.updated)
    return values


def session_record(row: RowMapping) -> SessionState:
    """The record behind a row of ``sessions``."""
    values = dict(row)
    values["started"] = time_value(values["started"])
    values["updated"] = time_value(values["updated"])
    return SessionState(**values)


def _serial_text(serial: int | None) -> str | None:
    return None if serial is None else str(serial)


def _serial_value(text: str | None) -> int | None:
    return None if text is None else int(text)


def _values(
    record: Account | IssuedCertificate | JobResult | QueuedJob | SessionState,
) -> dict[str, Any]:
    # not dataclasses.asdict: nothing is nested, and it copies deeply
    return {field.name: getattr(record, field.name) for field in fields(record)}


def changed(row: Mapping[str, Any], *without: str) -> dict[str, Any]:
    """The columns of a row that an update sets."""
    return {name: value for name, value in row.items() if name not in without}
