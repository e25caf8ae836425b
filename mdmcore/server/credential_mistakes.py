"""Naming the mistake in a device's digest for the server's own log (session.md 4.5).

The device is told nothing of it: unknown device and wrong digest look alike from outside.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.namespaces import AUTH_MD5
from mdmcore.records import Account, SessionState
from mdmcore.server.device_message import claimed_name
from mdmcore.server.ports import StateStore
from mdmcore.server.settings import ServerSettings
from mdmcore.syncml.digest_mistakes import OTHER_USER, DigestAccount, explain_digest
from mdmcore.syncml.model import SyncML

_ACCOUNTS_TRIED = 5
"""Accounts of the device, the newest first; each costs some forty hashes."""


class CredentialMistakes:
    """Explains refused credentials."""

    def __init__(self, settings: ServerSettings, *, store: StateStore) -> None:
        self._settings = settings
        self._store = store

    def named(self, message: SyncML, session: SessionState) -> str:
        """In a few words why the message's digest is wrong; empty when nothing explains it."""
        header = message.header
        if header.cred is None or header.cred.type != AUTH_MD5:
            return ""
        accounts = self._store.accounts_for(header.source, claimed_name(header))
        for account in accounts[:_ACCOUNTS_TRIED]:
            other = self._server_entry(account)
            names = (header.source, account.username, self._settings.provider_id)
            for entry in _device_entries(account, session):
                given = header.cred.data
                mistake = explain_digest(given, entry, other=other, other_users=names)
                if mistake is not None:
                    # The rule of that name is about servers.
                    return "another user name" if mistake == OTHER_USER else mistake
        return ""

    def _server_entry(self, account: Account) -> DigestAccount | None:
        if account.server_secret is None:
            return None
        return DigestAccount(
            user=self._settings.provider_id,
            password=account.server_secret,
            nonce=account.nonce_s2c,
        )


def _device_entries(account: Account, session: SessionState) -> Iterator[DigestAccount]:
    """The account with each nonce that may be in force."""
    nonces = (session.challenge_nonce, account.nonce_c2s, account.previous_nonce_c2s)
    for nonce in nonces:
        if nonce is not None:
            yield DigestAccount(user=account.name, password=account.secret, nonce=nonce)
