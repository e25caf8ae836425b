"""What is known of one device: facts gathered from its earlier exchanges (enrollment.md 3.4).

Values only; ``mdmcore/inspector/correlate.py`` builds each new state from the last one. Secrets
and nonces stand here in the clear, because digests are verified with them: nothing of them may
reach evidence, messages or reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from mdmcore.enrollment.policies import PolicyResponse
from mdmcore.pki.certificate import Certificate
from mdmcore.rules.decoded import CsrPart, Provisioning
from mdmcore.rules.model import DEFAULT_PROFILE
from mdmcore.rules.told import NOTHING_TOLD, Told

MAX_SESSIONS = 8
"""Sessions of a life that are remembered, the newest last."""

MAX_TARGET = 1000
"""Characters of a LocURI that are remembered."""

MAX_OLDER_NONCES = 8
"""Nonces that were in force before, remembered for each direction."""


MAX_TRIED = 400
"""Targets of the server's commands that are remembered, the newest last."""

MAX_READINGS = 200
"""Values that a device gave back that are remembered, the newest last."""

MAX_VALUE = 100
"""Characters of a command's value that are remembered."""

MAX_DM_WAYS = 8
"""Forms of DM messages that are remembered."""

MAX_ACCOUNT_WRITES = 16
"""Writes to a DM account in one session that are remembered."""

MAX_DISCOVERIES = 20
"""Times of discovery POSTs that are remembered."""


class Outcome(StrEnum):
    """How far a life came (design.md section 5)."""

    COMPLETE = "complete"
    RUNNING = "running"
    REFUSED = "refused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class NonceState:
    """The nonces of one direction (session.md 4.4).

    ``current`` is in force now, ``pending`` from the next session on (it came with 212),
    ``older`` were in force before, newest first. ``came_with`` is the SyncHdr Status that brought
    ``current``; ``provisioned`` for AAUTHDATA. ``doubtful`` may be in force instead of ``current``:
    the message that brought the newer ones was perhaps never accepted. ``replaced`` were in force
    when the session began, and may be so again when it comes to nothing. ``is_in_use``: a digest
    was made with ``current``.
    """

    current: bytes | None = None
    pending: bytes | None = None
    older: tuple[bytes, ...] = ()
    came_with: str = "provisioned"
    doubtful: tuple[bytes, ...] = ()
    replaced: tuple[bytes, ...] = ()
    is_in_use: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """One APPAUTH entry and where its nonces stand. ``user`` is PROVIDER-ID for CLIENT."""

    user: str
    secret: str
    scheme: str
    nonces: NonceState = NonceState()


@dataclass(frozen=True, slots=True, kw_only=True)
class DmAccount:
    """The w7 account of a life: ``server`` proves the server (CLIENT), ``device`` the device."""

    provider_id: str
    server: Credential | None = None
    device: Credential | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCommand:
    """A command that the server sent, without its data; ``atomic`` is the CmdID of the outermost
    Atomic around it, ``None`` outside."""

    cmd_id: str
    name: str
    targets: tuple[str, ...] = ()
    atomic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One target of a command that the server sent, in whichever session of the life.

    ``session`` is the session's number from 1; ``value`` the beginning of the data as written;
    ``code`` the device's Status as text, empty until it came.
    """

    session: int
    msg_id: str
    cmd_id: str
    name: str
    target: str
    value: str = ""
    code: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A short value that the device gave back in Results."""

    session: int
    uri: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunks:
    """A large object on its way: its LocURI, the size announced, and the bytes so far."""

    uri: str
    size: int | None
    received: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DmSession:
    """One DM session so far. MsgIDs are text, empty before the first; ``messages`` counts answers.

    ``sent`` are the commands of the server's last message, which ``server_msg_id`` names.

    ``client_digest`` (hex) recognises a message sent again. ``is_mirrored``: each answer had the
    MsgID of its request. ``is_ended``: the server's last message left nothing to do and refused
    nothing. ``number`` counts the life's sessions from 1. ``login`` is the LoginStatus that the
    device told. ``scheme`` is the type of the device's last Cred, ``asked_scheme`` that of the
    server's last challenge; ``challenges`` and ``device_challenges`` count those of server and
    device. ``answer_digest`` (hex) is that of the server's last answer. ``download`` and ``upload``
    are the large objects that are not complete. ``has_unenroll``: the server sent the Exec.
    """

    session_id: str
    client_msg_id: str = ""
    client_digest: str = ""
    server_msg_id: str = ""
    sent: tuple[SentCommand, ...] = ()
    messages: int = 0
    is_mirrored: bool = True
    is_ended: bool = False
    is_refused: bool = False
    number: int = 0
    login: str = ""
    scheme: str = ""
    asked_scheme: str = ""
    challenges: int = 0
    device_challenges: int = 0
    answer_digest: str = ""
    download: Chunks | None = None
    upload: Chunks | None = None
    has_unenroll: bool = False
    is_challenged: bool = False
    """The server's last message was a challenge."""
    version: str = ""
    """VerProto of the device's messages."""
    has_other_alert: bool = False
    """The device sent a generic alert (1226) that is not about leaving."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DmWay:
    """A form in which DM messages came: User-Agent and query of the URL, and what became of them.

    ``is_taken``: one was answered with a message; ``is_refused``: one with an HTTP status that
    turns the request away, whatever it says (404 and the like).
    """

    agent: str
    query: str
    is_taken: bool = False
    is_refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """How a server answered a first DM message without credentials.

    ``life`` is the device's, ``is_known`` whether its enrolment was seen; ``words`` say what came:
    HTTP status, Status of SyncHdr, Chal. ``exchange`` is its id.
    """

    life: str
    is_known: bool
    words: str
    exchange: str


class CredVerdict(StrEnum):
    """What recomputing a Cred with the known account gives."""

    RIGHT = "right"
    WRONG = "wrong"
    UNKNOWN = "unknown"


class NonceAge(StrEnum):
    """Which nonce a digest was made with."""

    CURRENT = "current"
    PENDING = "pending"
    PREVIOUS = "previous"
    OLDER = "older"
    EMPTY = "empty"
    NONE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CredCheck:
    """A Cred of this exchange against the account. ``came_with`` as in NonceState; ``was_in_use``:
    a message before had a digest made with the nonce that is in force.

    ``mistake`` is the rule id of the wrong formula or value that gives a wrong digest, as far as
    it is another matter than the age of its nonce; empty where nothing explains it.
    """

    verdict: CredVerdict
    age: NonceAge = NonceAge.NONE
    is_first_of_session: bool = False
    came_with: str = ""
    mistake: str = ""
    was_in_use: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """The facts of one life; empty text and ``None`` mean not known.

    ``id`` is ``None`` for exchanges that belong to no device. ``parts`` holds every id that
    turned out to be this life, its own first. ``is_profile_known``: the profile was forced, or the
    device told it; else it is the default. ``probe_status`` is that of the last GET before
    discovery, ``discovery_redirect`` where it was sent. ``sign_in_urls`` begin with
    AuthenticationServiceUrl, redirects follow. ``refused_renewals`` counts those since the last
    certificate; ``previous_certificate`` is the one that was renewed. ``asked_to_sign`` is what the
    server wrote to RequireMessageSigning, which counts from the next session on.
    """

    id: str | None = None
    parts: tuple[str, ...] = ()
    profile: str = DEFAULT_PROFILE
    is_profile_known: bool = False
    first: datetime | None = None
    last: datetime | None = None
    exchanges: int = 0
    # who it is
    peer: str | None = None
    email: str = ""
    username: str = ""
    device_id: str = ""
    device_type: str = ""
    device_name: str = ""
    application_version: str = ""
    request_version: str = ""
    manufacturer: str = ""
    model: str = ""
    discovery_host: str = ""
    # how it enrolled
    probe_status: int | None = None
    discovery_redirect: str = ""
    unreached_host: str = ""
    """The discovery host to which no connection came about over https."""
    auth_policy: str = ""
    policy_url: str = ""
    enrollment_url: str = ""
    sign_in_urls: tuple[str, ...] = ()
    appru: str = ""
    policies: PolicyResponse | None = None
    csr: CsrPart | None = None
    provisioning: Provisioning | None = None
    certificate: Certificate | None = None
    previous_certificate: Certificate | None = None
    account: DmAccount | None = None
    is_account_given: bool = False
    """The user told secrets of the account; none, or not all, were in a document."""
    addr: str = ""
    dm_urls: tuple[str, ...] = ()
    store_uri: str = ""
    has_ent_dmid: bool = False
    is_renewal_due: bool = False
    refused_renewals: int = 0
    first_refused_renewal: datetime | None = None
    # how it is managed
    sessions: tuple[DmSession, ...] = ()
    session_count: int = 0
    has_completed: bool = False
    """A session came to its end with credentials accepted."""
    tried: tuple[Tried, ...] = ()
    readings: tuple[Reading, ...] = ()
    loose_nonces: tuple[NonceState, NonceState] = (NonceState(), NonceState())
    """The nonces for server and device that came while the account is not known."""
    account_writes: tuple[tuple[str, str, str | None], ...] = ()
    """Node of AppAuth, leaf and value of what the server wrote to the DM account in this session;
    it counts from the next one on (session.md 4.1)."""
    earlier_account: DmAccount | None = None
    """The account that the device had before it enrolled anew."""
    enrolled_at: datetime | None = None
    enrolled_in: str = ""
    """The id of the exchange that brought the provisioning document."""
    has_posted_dm: bool = False
    """A DM message was posted, whether or not it could be read or was answered."""
    dm_ways: tuple[DmWay, ...] = ()
    """The forms of DM messages, the first ones."""
    seen_until: datetime | None = None
    """The latest time that is known, of whatever device; ``None`` where nobody asks for it."""
    hub_requests: int = 0
    is_azure_joined: bool = False
    """The user was proven by a JWT of Entra ID."""
    scep_gets: int = 0
    """Requests for a SCEP CA's certificate or capabilities since the last PKIOperation."""
    wresult: str = ""
    """SHA-256 of the token that the sign-in page handed out."""
    discoveries: tuple[datetime, ...] = ()
    """When Discover was posted since the last session that ended well."""
    requires_message_signing: bool = False
    asked_to_sign: bool | None = None
    answered_without_client_tls: bool = False
    asked_for_client_tls: bool = False
    """The DM server or the hub has asked for a client certificate."""
    hub_bytes: int = 0
    named_lists: tuple[tuple[str, ...], ...] = ()
    """For each certificate of the DM server and the hub, where its revocation list is."""
    known_lists: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What became of those that were asked for, by endpoint; see ``revocation.REACHED``."""
    told: Told = NOTHING_TOLD
    """What the device's own logs and reports tell."""
    # how it ended
    refusal: str = ""
    stop: str = ""

    @property
    def is_enrolled(self) -> bool:
        """Whether a provisioning document was handed out."""
        return self.provisioning is not None

    @property
    def outcome(self) -> Outcome:
        """Complete once a session ended well after the last refusal or stop."""
        if self.refusal:
            return Outcome.REFUSED
        if self.stop:
            return Outcome.STOPPED
        if any(session.is_ended for session in self.sessions):
            return Outcome.COMPLETE
        return Outcome.RUNNING

    @property
    def device(self) -> Mapping[str, str]:
        """What is known of the device, for people; empty facts are left out."""
        known = {
            "email": self.email,
            "username": self.username,
            "device_id": self.device_id,
            "device_type": self.device_type,
            "name": self.device_name,
            "application_version": self.application_version,
            "request_version": self.request_version,
            "manufacturer": self.manufacturer,
            "model": self.model,
            "certificate": self.certificate.subject.rfc4514() if self.certificate else "",
            "peer": self.peer or "",
        }
        known = {**self.told.facts, **{name: value for name, value in known.items() if value}}
        return {name: value for name, value in known.items() if value}
