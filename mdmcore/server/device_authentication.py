"""Which account a device's message proves, and what a device is asked for that proves none.

Sources: session.md 4. A stranger, a device that has left and a wrong digest are asked for the same:
what the challenge says follows from the settings alone. How one credential is compared with one
account stands in ``authentication``. Nobody changes the way of proving within a session, and who
was asked for one way must use it (DMPRO 9.1, DMSEC 5.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from mdmcore.errors import MdmError
from mdmcore.http import Request, TlsFacts
from mdmcore.namespaces import AUTH_BASIC, AUTH_MAC, AUTH_MD5
from mdmcore.records import Account, AccountStatus, AuthScheme, SessionState
from mdmcore.server.authentication import Proof, Verdict, check_credential, check_mac
from mdmcore.server.certificate_holder import CertificateHolders
from mdmcore.server.device_message import claimed_name
from mdmcore.server.message import Challenge
from mdmcore.server.ports import Clock, StateStore
from mdmcore.server.session.work import Proven, Work
from mdmcore.server.settings import ServerSettings
from mdmcore.syncml.hmac_header import HMAC_HEADER, MacHeader, parse_mac_header
from mdmcore.syncml.model import Cred, SyncML

_UNBOUND_TRIED = 50
"""Accounts without a device that a nameless digest is tried with: two hashes each."""

_TYPES: Mapping[str, Proven] = MappingProxyType(
    {AUTH_BASIC: Proven.BASIC, AUTH_MD5: Proven.MD5, AUTH_MAC: Proven.HMAC}
)
_MISSING = Proof(verdict=Verdict.MISSING)
_WRONG = Proof(verdict=Verdict.WRONG)
_ENDED = Proof(verdict=Verdict.WRONG, ends_session=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a message brings to prove its sender: Cred, HMAC, the connection's certificate."""

    cred: Cred | None
    mac: MacHeader | None
    is_bad: bool
    body: bytes
    tls: TlsFacts | None

    @property
    def way(self) -> Proven:
        """The way of proving; ``NOT`` where neither Cred nor HMAC is there."""
        if self.mac is not None:
            return Proven.HMAC
        return Proven.NOT if self.cred is None else _TYPES.get(self.cred.type, Proven.NOT)

    @property
    def is_there(self) -> bool:
        """Whether it has a Cred or an HMAC, right or wrong."""
        return self.cred is not None or self.mac is not None or self.is_bad


def shown(request: Request, message: SyncML, tls: TlsFacts | None) -> Shown:
    """What this message brings. An HMAC beside a Cred, or one that cannot be read, is bad."""
    values = request.headers.get_all(HMAC_HEADER)
    header, is_bad = None, len(values) > 1
    if len(values) == 1:
        try:
            header = parse_mac_header(values[0])
        except MdmError:
            is_bad = True
    cred = message.header.cred
    return Shown(
        cred=cred,
        mac=header,
        is_bad=is_bad or (header is not None and cred is not None),
        body=request.body or b"",
        tls=tls,
    )


class DeviceAuthentication:
    """Proves the sender of DM messages."""

    def __init__(self, settings: ServerSettings, *, store: StateStore, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._holders = CertificateHolders(store=store, clock=clock)

    def prove(self, message: SyncML, given: Shown, session: SessionState, work: Work) -> Proof:
        """The account behind the message, by what it shows or by what the session has proven."""
        accounts = self._candidates(message, given)
        if session.is_client_authenticated:
            current = next((a for a in accounts if a.name == session.account), None)
            if current is not None:
                return self._again(given, session, work, current)
        if given.is_bad:
            return _WRONG
        if given.is_there and work.challenge and given.way is not _TYPES.get(work.challenge):
            return _ENDED
        nonce = session.challenge_nonce
        if given.mac is not None:
            return check_mac(given.mac, given.body, accounts, challenge_nonce=nonce)
        if given.cred is None:
            return self._by_certificate(message.header.source, given.tls)
        proof = check_credential(given.cred, accounts, challenge_nonce=nonce)
        if proof.verdict is Verdict.WRONG and not message.header.source_name:
            # A digest does not carry its user's name; a device may leave LocName out.
            unbound = self._store.unbound_accounts(_UNBOUND_TRIED)
            proof = check_credential(given.cred, unbound, challenge_nonce=nonce)
        return proof

    def _again(self, given: Shown, session: SessionState, work: Work, current: Account) -> Proof:
        """A message in a session that has proven itself before."""
        if work.proven is Proven.HMAC:
            if given.mac is None or given.is_bad:
                return _ENDED
            proof = check_mac(
                given.mac,
                given.body,
                (current,),
                challenge_nonce=None,
                session_nonce=work.nonce or b"",
            )
            return replace(proof, ends_session=proof.verdict is not Verdict.ACCEPTED)
        if not given.is_there:
            if work.proven is Proven.CERTIFICATE:
                return replace(self._by_certificate(session.device_id, given.tls), is_new=False)
            return Proof(
                verdict=Verdict.ACCEPTED, account=current, proven=work.proven, is_new=False
            )
        if given.is_bad or given.cred is None or given.way is not work.proven:
            return _ENDED
        proof = check_credential(
            given.cred,
            (current,),
            challenge_nonce=session.challenge_nonce,
            session_nonce=work.nonce,
        )
        return replace(proof, is_new=False, ends_session=proof.verdict is not Verdict.ACCEPTED)

    def challenge(self, nonce: bytes) -> Challenge:
        """HMAC where one account has it; Basic where every one has it, else MD5.

        What needs no nonce of an account, any account can do when asked for it.
        """
        accounts = self._settings.accounts
        schemes = {self._settings.appsrv_scheme, *(account.scheme for account in accounts)}
        if AuthScheme.HMAC in schemes:
            return Challenge(type=AUTH_MAC, nonce=nonce)
        if schemes == {AuthScheme.BASIC}:
            return Challenge(type=AUTH_BASIC)
        return Challenge(type=AUTH_MD5, nonce=nonce)

    def _by_certificate(self, device_id: str, tls: TlsFacts | None) -> Proof:
        """The enrolment that stands on the certificate of the connection (DMSEC 5.3)."""
        if not self._settings.accept_client_tls:
            return _MISSING
        account = self._holders.enrolment_on(tls)
        if account is None or account.status is AccountStatus.UNENROLLED:
            return _MISSING
        if account.device_id not in {None, device_id}:
            return _MISSING
        return Proof(verdict=Verdict.ACCEPTED, account=account, proven=Proven.CERTIFICATE)

    def _candidates(self, message: SyncML, given: Shown) -> tuple[Account, ...]:
        header = message.header
        name = claimed_name(header) if given.mac is None else given.mac.username
        stored = self._store.accounts_for(header.source, name)
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
