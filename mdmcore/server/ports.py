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

    def enroll(self, account: Account, certificate: IssuedCertificate) -> None:
        """Record an issued certificate and its account, before the device is told of them."""

    def accounts_for(self, device_id: str, name: str | None) -> tuple[Account, ...]:
        """Accounts that device may mean: bound to it (newest first), then unbound of that name."""

    def unbound_accounts(self, limit: int) -> tuple[Account, ...]:
        """The newest accounts that no device has used yet."""

    def session(self, device_id: str, session_id: str) -> SessionState | None:
        """The session as its last answer left it."""

    def save_message(
        self,
        session: SessionState,
        *,
        account: Account | None = None,
        inventory: Sequence[InventoryValue] = (),
        statuses: Sequence[CommandStatus] = (),
    ) -> None:
        """Everything one message changed, in one transaction, before the answer leaves."""
