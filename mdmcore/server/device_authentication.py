"""Which account a device's message proves, and what a device is asked for that proves none.

Sources: session.md 4. A stranger, a device that has left and a wrong digest are asked for the same:
what the challenge says follows from the settings alone. How one credential is compared with one
account stands in ``authentication``.
"""

from __future__ import annotations

from mdmcore.namespaces import AUTH_BASIC, AUTH_MD5
from mdmcore.records import Account, AuthScheme, SessionState
from mdmcore.server.authentication import Proof, Verdict, check_credential
from mdmcore.server.device_message import claimed_name
from mdmcore.server.message import Challenge
from mdmcore.server.ports import StateStore
from mdmcore.server.settings import ServerSettings
from mdmcore.syncml.model import SyncML

_UNBOUND_TRIED = 50
"""Accounts without a device that a nameless digest is tried with: two hashes each."""


class DeviceAuthentication:
    """Proves the sender of DM messages."""

    def __init__(self, settings: ServerSettings, *, store: StateStore) -> None:
        self._settings = settings
        self._store = store

    def prove(self, message: SyncML, session: SessionState) -> Proof:
        """The account behind the message, by its credential or by what the session has proven."""
        header = message.header
        accounts = self._candidates(message)
        if header.cred is None and session.is_client_authenticated:
            current = next((a for a in accounts if a.name == session.account), None)
            if current is not None:
                return Proof(verdict=Verdict.ACCEPTED, account=current)
        nonce = session.challenge_nonce
        proof = check_credential(header.cred, accounts, challenge_nonce=nonce)
        if proof.verdict is Verdict.WRONG and not header.source_name:
            # A digest does not carry its user's name; a device may leave LocName out.
            unbound = self._store.unbound_accounts(_UNBOUND_TRIED)
            proof = check_credential(header.cred, unbound, challenge_nonce=nonce)
        return proof

    def challenge(self, nonce: bytes) -> Challenge:
        """Basic where every account has it, else MD5, which an account with Basic can do, too."""
        accounts = self._settings.accounts
        schemes = {self._settings.appsrv_scheme, *(account.scheme for account in accounts)}
        if schemes == {AuthScheme.BASIC}:
            return Challenge(type=AUTH_BASIC)
        return Challenge(type=AUTH_MD5, nonce=nonce)

    def _candidates(self, message: SyncML) -> tuple[Account, ...]:
        header = message.header
        stored = self._store.accounts_for(header.source, claimed_name(header))
        configured = tuple(
            Account(
                name=account.name,
                secret=account.secret,
                scheme=account.scheme,
                device_id=account.device_id,
                is_shared=True,
            )
            for account in self._settings.accounts
            if account.device_id in {None, header.source}
            and not any(kept.name == account.name for kept in stored)
            and not self._store.has_left(header.source, account.name)
        )
        return stored + configured
