"""What the server needs from outside: state, clock, randomness. Protocols only, no I/O here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from mdmcore.records import (
    Account,
    CommandStatus,
    DiscoveryRecord,
    InventoryValue,
    IssuedCertificate,
    IssuedUserToken,
    JobResult,
    PlannedJob,
    QueuedJob,
    SessionState,
)

type Clock = Callable[[], datetime]
"""Returns the time now as an aware UTC datetime."""

type Random = Callable[[int], bytes]
"""Returns that many unpredictable bytes."""


class StateStore(Protocol):
    """Where the server keeps what it must not forget. Each call is one durable transaction."""

    def record_discovery(self, record: DiscoveryRecord) -> None:
        """Keep what a device said in its last Discover, one record for each e-mail address."""

    def discovery(self, email_address: str) -> DiscoveryRecord | None:
        """The last Discover for that address (without case)."""

    def add_user_token(self, token: IssuedUserToken) -> None:
        """Record a token before the user's browser is given it."""

    def user_token(self, digest: str) -> IssuedUserToken | None:
        """The token with that SHA-256."""

    def spend_user_token(self, digest: str, now: datetime) -> bool:
        """Mark a token as used; ``False`` when there is none or it was used before."""

    def devices_beside(self, account: Account) -> int:
        """Enrolled devices of the account's user (without case), this very device not counted."""

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

    def correct_certificate(self, certificate: IssuedCertificate) -> None:
        """Record that the certificate of that serial was issued like this."""

    def correct_account(self, account: Account) -> None:
        """Record with which nonces the device of that account, which it has not used yet, was told
        to begin."""

    def certificate(self, serial: int) -> IssuedCertificate | None:
        """The certificate of that serial, if one was issued here."""

    def enrolled_account(self, name: str) -> Account | None:
        """The account of that name that was made by an enrolment here, ended or not."""

    def is_key_certified(self, spki_sha256: str) -> bool:
        """Whether a certificate was ever issued here for that key."""

    def is_renewal_answered(self, digest: str) -> bool:
        """Whether the request with that SHA-256 (hex) got a certificate before."""

    def renew(self, certificate: IssuedCertificate, *, signer: int, digest: str) -> bool:
        """Record a renewed certificate before the device is told of it.

        ``signer`` is the serial of the certificate that signed the request with that SHA-256.
        ``False``, and nothing recorded, when the request was answered before, or the account
        has ended or no longer stands on the signer's certificate.
        """

    def accounts_for(self, device_id: str, name: str | None) -> tuple[Account, ...]:
        """Accounts that device may mean: bound to it (newest first), then unbound of that name.

        One that has ended is not among them.
        """

    def unbound_accounts(self, limit: int) -> tuple[Account, ...]:
        """The newest accounts that no device has used yet."""

    def has_left(self, device_id: str, name: str) -> bool:
        """Whether that device told to have left the account of that name."""

    def session(self, device_id: str, session_id: str) -> SessionState | None:
        """The session as its last answer left it."""

    def open_sessions(self, device_id: str, without: str) -> tuple[SessionState, ...]:
        """The device's sessions that are not closed and in which it has proven itself, but for
        the one of that SessionID."""

    def inventory(self, device_id: str) -> dict[str, str]:
        """The last known value of each node the device reported."""

    def waiting_jobs(self, account: str, device_id: str) -> tuple[QueuedJob, ...]:
        """The account's jobs on that device that are not settled, oldest first."""

    def job_results(self, job: int) -> tuple[JobResult, ...]:
        """What the device answered so far to the commands of the job, in their order."""

    def save_message(
        self,
        session: SessionState,
        *,
        account: Account | None = None,
        inventory: Sequence[InventoryValue] = (),
        statuses: Sequence[CommandStatus] = (),
        jobs: Sequence[QueuedJob] = (),
        results: Sequence[JobResult] = (),
        others: Sequence[SessionState] = (),
    ) -> None:
        """Everything one message changed, in one transaction, before the answer leaves.

        ``others`` are further sessions of the device that end with it.
        An account that is new on the device ends the one it had before. An account that has ended
        takes with it what was known of the device.
        """
