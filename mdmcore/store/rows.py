"""Records to rows and back: the only place that knows how a value is written down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from mdmcore.records import (
    Account,
    AuthScheme,
    DiscoveryRecord,
    IssuedCertificate,
    IssuedUserToken,
    SessionState,
)


def time_text(moment: datetime | None) -> str | None:
    """ISO 8601 with offset, ``None`` kept."""
    return None if moment is None else moment.isoformat()


def time_value(text: str | None) -> datetime | None:
    """The aware datetime behind ``time_text``."""
    return None if text is None else datetime.fromisoformat(text)


def certificate_row(certificate: IssuedCertificate) -> dict[str, Any]:
    """A row of ``certificates``; the serial is text, SQLite integers end at 63 bits."""
    return {
        "serial": str(certificate.serial),
        "subject_cn": certificate.subject_cn,
        "thumbprint": certificate.thumbprint,
        "der": certificate.der,
        "spki_sha256": certificate.spki_sha256,
        "issued": time_text(certificate.issued),
        "not_after": time_text(certificate.not_after),
    }


def certificate_record(row: RowMapping) -> IssuedCertificate:
    """The record behind a row of ``certificates``."""
    values = dict(row)
    values["serial"] = int(values["serial"])
    values["issued"] = time_value(values["issued"])
    values["not_after"] = time_value(values["not_after"])
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
    """A row of ``accounts`` without its id."""
    values = _values(account)
    del values["is_shared"]
    values["scheme"] = account.scheme.value
    serial = account.certificate_serial
    values["certificate_serial"] = None if serial is None else str(serial)
    values["enrolled"] = time_text(account.enrolled)
    values["last_session"] = time_text(account.last_session)
    return values


def account_record(row: RowMapping) -> Account:
    """The record behind a row of ``accounts``."""
    values = dict(row)
    del values["id"]
    values["scheme"] = AuthScheme(values["scheme"])
    serial = values["certificate_serial"]
    values["certificate_serial"] = None if serial is None else int(serial)
    values["enrolled"] = time_value(values["enrolled"])
    values["last_session"] = time_value(values["last_session"])
    return Account(**values)


def session_row(session: SessionState) -> dict[str, Any]:
    """A row of ``sessions``."""
    values = _values(session)
    values["pending"] = json.dumps(session.pending)
    values["started"] = time_text(session.started)
    values["updated"] = time_text(session.updated)
    return values


def session_record(row: RowMapping) -> SessionState:
    """The record behind a row of ``sessions``."""
    values = dict(row)
    values["pending"] = tuple((cmd_id, uri) for cmd_id, uri in json.loads(values["pending"]))
    values["started"] = time_value(values["started"])
    values["updated"] = time_value(values["updated"])
    return SessionState(**values)


def _values(record: Account | SessionState) -> dict[str, Any]:
    # not dataclasses.asdict: nothing is nested, and it copies deeply
    return {field.name: getattr(record, field.name) for field in fields(record)}


def changed(row: Mapping[str, Any], *without: str) -> dict[str, Any]:
    """The columns of a row that an update sets."""
    return {name: value for name, value in row.items() if name not in without}
