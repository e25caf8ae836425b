"""How the server proves itself to the device, and what the device makes of it.

Sources: session.md 4.3 and 4.4. 212 ends it for the session, its nonce is for the next one; after
200 a proof goes with each message, with the new nonce at once; after 401 or 407 the message is sent
once more. A nonce from a device that is not proven itself is used and not kept (DMSEC 5.3.2). Our
HMAC goes in a header of HTTP, when the device asks for it, and when it uses HMAC itself: once used,
it is used in every message till the end of the session (DMSEC 5.4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mdmcore.errors import MdmError
from mdmcore.namespaces import AUTH_MAC, AUTH_MD5
from mdmcore.records import Account, SessionState
from mdmcore.server.message import AnswerBuilder
from mdmcore.server.session.work import Proven, Work
from mdmcore.syncml.credentials import digest_cred
from mdmcore.syncml.hmac_header import MacHeader, mac, serialize_mac_header
from mdmcore.syncml.model import SyncML

_CHALLENGES = {"401", "407"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is remembered after the device's verdict.

    ``is_refused``: it executed nothing of our last message. ``gives_up``: another proof would not
    help either.
    """

    account: Account
    session: SessionState
    work: Work
    is_refused: bool = False
    gives_up: bool = False


def read_verdict(message: SyncML, account: Account, session: SessionState, work: Work) -> Standing:
    """The verdict in the message of a proven device."""
    status = message.header_status
    if status is None:
        return Standing(account=account, session=session, work=work)
    nonce = status.chal.next_nonce if status.chal is not None else None
    asked = status.chal.type if status.chal is not None else ""
    if account.server_secret is not None and nonce is not None:
        account = replace(account, nonce_s2c=nonce)
    if status.data == "212":
        session = replace(session, is_server_authenticated=True, server_nonce_now=None)
    elif status.data == "200":
        session = replace(session, server_nonce_now=nonce or session.server_nonce_now)
    elif status.data in _CHALLENGES:
        can_prove = account.server_secret is not None and asked in {"", AUTH_MD5, AUTH_MAC}
        if nonce is None or not can_prove or session.server_retries:
            return Standing(
                account=account, session=session, work=work, is_refused=True, gives_up=True
            )
        work = replace(work, server_scheme=asked)
        session = replace(
            session, server_nonce_now=nonce, server_retries=1, is_server_authenticated=False
        )
        return Standing(account=account, session=session, work=work, is_refused=True)
    return Standing(account=account, session=session, work=work)


def note_challenge(message: SyncML, session: SessionState, work: Work) -> tuple[SessionState, Work]:
    """The challenge in the message of a device that has not proven itself: for this session."""
    status = message.header_status
    if status is None or status.data not in _CHALLENGES or status.chal is None:
        return session, work
    if status.chal.next_nonce is None or status.chal.type not in {"", AUTH_MD5, AUTH_MAC}:
        return session, work
    return (
        replace(session, server_nonce_now=status.chal.next_nonce, server_retries=1),
        replace(work, server_scheme=status.chal.type),
    )


class OwnProof:
    """The proof that goes with one answer; none where it is not wanted (any more)."""

    def __init__(
        self, account: Account, session: SessionState, work: Work, *, provider_id: str
    ) -> None:
        self._name = provider_id
        self._secret = None if session.is_server_authenticated else account.server_secret
        self._nonce = session.server_nonce_now or account.nonce_s2c
        self.is_mac = work.server_scheme == AUTH_MAC or work.proven is Proven.HMAC
        """Whether it is an HMAC: it goes with every answer, the last one too."""

    def put(self, answer: AnswerBuilder) -> None:
        """The Cred, or the name alone when an HMAC goes with the answer."""
        if self._secret is not None:
            cred = None if self.is_mac else digest_cred(self._name, self._secret, self._nonce)
            answer.credential(cred, self._name)

    def mac_header(self, body: bytes) -> str:
        """The value of the header over these bytes; empty where none goes with the answer."""
        if self._secret is None or not self.is_mac:
            return ""
        value = mac(self._name, self._secret, self._nonce, body)
        try:
            return serialize_mac_header(MacHeader(username=self._name, mac=value))
        except MdmError:  # a provider id that cannot stand there: the device will refuse us
            return ""
