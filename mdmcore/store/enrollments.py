"""What enrolment keeps: discoveries, sign-in tokens, certificates with their accounts, renewals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from mdmcore.errors import AlreadyRecorded
from mdmcore.records import (
    Account,
    AccountStatus,
    DiscoveryRecord,
    IssuedCertificate,
    IssuedUserToken,
    PlannedJob,
)
from mdmcore.store import rows, tables
from mdmcore.store.accounts import end_accounts, is_active
from mdmcore.store.jobs import add_job
from mdmcore.store.storage import Storage, put

_FORGET_TOKENS_AFTER = timedelta(days=7)
"""A used or expired token is still named as such for so long."""


class Enrollments(Storage):
    """Each public method is one durable transaction."""

    def record_discovery(self, record: DiscoveryRecord) -> None:
        """Keep what a device said in its last Discover, one record for each e-mail address."""
        row = {
            "key": record.email_address.casefold(),
            "email_address": record.email_address,
            "request_version": record.request_version,
            "device_type": record.device_type,
            "seen": rows.time_text(record.seen),
        }
        with self._transaction() as connection:
            put(connection, tables.discoveries, row, "key")

    def discovery(self, email_address: str) -> DiscoveryRecord | None:
        """The last Discover for that address (without case)."""
        table = tables.discoveries
        query = select(table).where(table.c.key == email_address.casefold())
        with self._transaction() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else rows.discovery_record(row)

    def add_user_token(self, token: IssuedUserToken) -> None:
        """Record a token before the user's browser is given it; forgets long expired ones."""
        oldest = rows.time_text(token.expires - _FORGET_TOKENS_AFTER)
        table = tables.user_tokens
        with self._transaction() as connection:
            connection.execute(delete(table).where(table.c.expires < oldest))
            connection.execute(insert(table).values(rows.user_token_row(token)))

    def user_token(self, digest: str) -> IssuedUserToken | None:
        """The token with that SHA-256."""
        table = tables.user_tokens
        query = select(table).where(table.c.digest == digest)
        with self._transaction() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else rows.user_token_record(row)

    def spend_user_token(self, digest: str, now: datetime) -> bool:
        """Mark a token as used; ``False`` when there is none or it was used before."""
        table = tables.user_tokens
        unused = (table.c.digest == digest) & table.c.used.is_(None)
        with self._transaction() as connection:
            done = connection.execute(update(table).where(unused).values(used=rows.time_text(now)))
        return bool(done.rowcount)

    def devices_beside(self, account: Account) -> int:
        """Enrolled devices of the account's user (without case), this very device not counted."""
        with self._transaction() as connection:
            return _devices_beside(connection, account)

    def enroll(
        self,
        account: Account,
        certificate: IssuedCertificate,
        *,
        device_cap: int | None = None,
        jobs: Sequence[PlannedJob] = (),
    ) -> bool:
        """Record an issued certificate and its account, before the device is told of them.

        An older enrolment of the same device ends. The ``jobs`` wait for the device's first
        session. ``False``, and nothing recorded, when the user has ``device_cap`` other devices
        already.
        """
        row = rows.account_row(account) | {"certificate_serial": str(certificate.serial)}
        with self._transaction() as connection:
            if device_cap is not None and _devices_beside(connection, account) >= device_cap:
                return False
            same = _same_device(account)
            if same is not None:
                end_accounts(connection, same, rows.time_text(certificate.issued) or "")
            _insert_certificate(connection, certificate)
            connection.execute(insert(tables.accounts).values(row))
            for job in jobs:
                add_job(connection, account, job, certificate.issued)
        return True

    def correct_certificate(self, certificate: IssuedCertificate) -> None:
        """Record that the certificate of that serial was issued like this."""
        row = rows.certificate_row(certificate)
        table = tables.certificates
        with self._transaction() as connection:
            connection.execute(update(table).where(table.c.serial == row["serial"]).values(row))

    def correct_account(self, account: Account) -> None:
        """Record with which nonces the device of that account, which it has not used yet, was told
        to begin."""
        table = tables.accounts
        row = rows.account_row(account)
        nonces = {name: row[name] for name in ("nonce_c2s", "nonce_s2c")}
        unused = (table.c.name == account.name) & table.c.device_id.is_(None) & is_active()
        with self._transaction() as connection:
            connection.execute(update(table).where(unused).values(nonces))

    def certificates(self) -> tuple[IssuedCertificate, ...]:
        """Every certificate ever issued, oldest first."""
        table = tables.certificates
        with self._transaction() as connection:
            found = connection.execute(select(table).order_by(table.c.issued)).mappings().all()
        return tuple(rows.certificate_record(row) for row in found)

    # --- renewal ----------------------------------------------------------------------------

    def certificate(self, serial: int) -> IssuedCertificate | None:
        """The certificate of that serial, if one was issued here."""
        table = tables.certificates
        query = select(table).where(table.c.serial == str(serial))
        with self._transaction() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else rows.certificate_record(row)

    def enrolled_account(self, name: str) -> Account | None:
        """The account of that name that was made by an enrolment here, ended or not."""
        table = tables.accounts
        query = select(table).where(table.c.name == name, table.c.enrolled.is_not(None))
        with self._transaction() as connection:
            row = connection.execute(query.order_by(table.c.id.desc())).mappings().first()
        return None if row is None else rows.account_record(row)

    def is_key_certified(self, spki_sha256: str) -> bool:
        """Whether a certificate was ever issued here for that key."""
        table = tables.certificates
        query = select(table.c.serial).where(table.c.spki_sha256 == spki_sha256)
        with self._transaction() as connection:
            return connection.execute(query).first() is not None

    def is_renewal_answered(self, digest: str) -> bool:
        """Whether the request with that SHA-256 (hex) got a certificate before."""
        table = tables.renewals
        query = select(table.c.digest).where(table.c.digest == digest)
        with self._transaction() as connection:
            return connection.execute(query).first() is not None

    def renew(self, certificate: IssuedCertificate, *, signer: int, digest: str) -> bool:
        """Record a renewed certificate before the device is told of it.

        ``signer`` is the serial of the certificate that signed the request with that SHA-256.
        ``False``, and nothing recorded, when the request was answered before, or the account
        has ended or no longer stands on the signer's certificate.
        """
        table, at = tables.accounts, rows.time_text(certificate.issued)
        serial, old = str(certificate.serial), str(signer)
        renewal = {
            "digest": digest,
            "account": certificate.account,
            "signer": old,
            "serial": serial,
            "at": at,
        }
        standing = (
            (table.c.name == certificate.account)
            & (table.c.status == AccountStatus.ENROLLED.value)
            & or_(table.c.certificate_serial == old, table.c.previous_serial == old)
        )
        answered = select(tables.renewals.c.digest).where(tables.renewals.c.digest == digest)
        with self._transaction() as connection:
            if connection.execute(answered).first() is not None:
                return False
            changed = update(table).where(standing)
            changed = changed.values(certificate_serial=serial, previous_serial=old)
            if not connection.execute(changed).rowcount:
                return False
            _insert_certificate(connection, certificate)
            connection.execute(insert(tables.renewals).values(renewal))
            _supersede(connection, certificate)
        return True


def _insert_certificate(connection: Connection, certificate: IssuedCertificate) -> None:
    row = rows.certificate_row(certificate)
    try:
        connection.execute(insert(tables.certificates).values(row))
    except IntegrityError:
        raise AlreadyRecorded(f"the serial number {certificate.serial:X} is taken") from None


def _same_device(account: Account) -> ColumnElement[bool] | None:
    """The condition for other enrolments of the device, ``None`` when it told no id."""
    table = tables.accounts
    ids = (
        (table.c.reported_device_id, account.reported_device_id),
        (table.c.hardware_id, account.hardware_id),
    )
    same = [func.lower(column) == value.lower() for column, value in ids if value]
    return or_(*same) if same else None


def _devices_beside(connection: Connection, account: Account) -> int:
    table = tables.accounts
    query = select(table.c.username).where(
        table.c.status == AccountStatus.ENROLLED.value, table.c.enrolled.is_not(None)
    )
    same = _same_device(account)
    if same is not None:
        query = query.where(~same)
    # Compared here: SQLite's own functions know no case beyond ASCII.
    wanted = account.username.casefold()
    return sum(name.casefold() == wanted for (name,) in connection.execute(query))


def _supersede(connection: Connection, certificate: IssuedCertificate) -> None:
    """All older ones of the account: the signer's, and one whose answer was lost."""
    table = tables.certificates
    older = (table.c.account == certificate.account) & (table.c.serial != str(certificate.serial))
    connection.execute(update(table).where(older).values(superseded_by=str(certificate.serial)))
