"""What a management server remembers: plain values that the server reads and the store keeps.

They stand below both, so that neither imports the other. All times are aware UTC datetimes;
nonces are raw bytes; secrets are text as they stand in the provisioning document.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AuthScheme(StrEnum):
    """How a credential is proven (w7 AAUTHTYPE, SyncML Cred Type).

    ``HMAC`` has no AAUTHTYPE of its own: the document says DIGEST, and the server challenges.
    """

    BASIC = "basic"
    MD5 = "md5"
    HMAC = "hmac"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryRecord:
    """What a device said about itself in its last Discover."""

    email_address: str
    request_version: str
    device_type: str
    seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedUserToken:
    """A token of the sign-in page: ``digest`` is its SHA-256 in hex, ``used`` when."""

    digest: str
    username: str
    expires: datetime
    used: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCertificate:
    """A certificate, recorded before it was sent.

    ``account`` names the account it was issued for; ``issuer_thumbprint`` is that of the CA
    certificate (empty: from a time when it was not kept). ``superseded_by`` is the serial of the
    latest certificate that its holder renewed it to, ``revoked`` when the enrolment ended.
    """

    serial: int
    subject_cn: str
    thumbprint: str
    der: bytes
    spki_sha256: str
    issued: datetime
    not_after: datetime
    account: str = ""
    issuer_thumbprint: str = ""
    superseded_by: int | None = None
    revoked: datetime | None = None


class AccountStatus(StrEnum):
    """Where an enrolment stands."""

    ENROLLED = "enrolled"
    UNENROLLING = "unenrolling"
    """Told to leave; a device need not answer that (enrollment.md 13)."""
    UNENROLLED = "unenrolled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A DM account of one enrolment: both credentials and the two nonces (session.md 4.1, 4.4).

    ``name`` is AAUTHNAME. ``nonce_c2s`` seeds the device's next Cred, ``nonce_s2c`` the server's;
    the ``previous_*`` value is kept one session long, for an answer that got lost.
    ``device_id`` is the SyncML Source LocURI, ``None`` until the first session showed it.
    ``is_shared`` marks an account given by hand: each device that uses it gets a copy of its own.

    ``profile`` and ``auth_policy`` are those of the enrolment, empty where they are not known;
    ``reported_device_id`` and ``hardware_id`` its ContextItems DeviceID and HWDevID. ``ent_dmid``
    is what the document set, empty if it set none; ``certificate_store`` where it put the client
    certificate (``My/User``). ``previous_serial`` is the certificate that was
    renewed to the present one: it counts until the device is seen to have the new one.
    """

    name: str
    secret: str
    scheme: AuthScheme
    server_secret: str | None = None
    nonce_c2s: bytes = b""
    previous_nonce_c2s: bytes | None = None
    nonce_s2c: bytes = b""
    device_id: str | None = None
    is_shared: bool = False
    username: str = ""
    device_type: str = ""
    request_version: str = ""
    certificate_serial: int | None = None
    enrolled: datetime | None = None
    last_session: datetime | None = None
    profile: str = ""
    auth_policy: str = ""
    ent_dmid: str = ""
    reported_device_id: str = ""
    hardware_id: str = ""
    certificate_store: str = ""
    previous_serial: int | None = None
    status: AccountStatus = AccountStatus.ENROLLED
    unenrolling_since: datetime | None = None
    unenrolled: datetime | None = None


class QueueState(StrEnum):
    """What became of a queued job."""

    QUEUED = "queued"
    SENT = "sent"
    RUNNING = "running"
    """Every command has its Status; what one of them started goes on (200 or 202 means no more)."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedNode:
    """A node that tells how far asynchronous work is: LocURI, and the values that end it.

    ``error`` is the LocURI of the node with the reason of a failure, empty where there is none.
    """

    uri: str
    done: tuple[str, ...]
    failed: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedJob:
    """A job that a person queued for a device: ``recipe`` is its kebab-case name, or ``send``.

    ``commands`` is the SyncBody that goes out, as XML (``syncml.fragment``); ``values`` are the
    recipe's as they may be shown, secrets masked. ``device_id`` is ``None`` while no session has
    shown it. ``attempts`` counts how often it was sent, ``session_id`` is the session it was last
    sent in, ``outcome`` says in a few words what was seen of it. ``watched`` are the nodes that a
    running job is followed by.
    """

    id: int
    account: str
    device_id: str | None
    recipe: str
    queued: datetime
    commands: str = ""
    values: tuple[tuple[str, str], ...] = ()
    state: QueueState = QueueState.QUEUED
    attempts: int = 0
    outcome: str = ""
    sent: datetime | None = None
    session_id: str = ""
    watched: tuple[WatchedNode, ...] = ()
    ended: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedJob:
    """A job before it is queued; the fields are those of ``QueuedJob``.

    ``problem`` says why it cannot be sent to that device, empty if it can: it is then kept as
    failed, so that the person sees it.
    """

    recipe: str
    commands: str = ""
    values: tuple[tuple[str, str], ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """What commands for a device need to know of the server that sends them.

    ``provider_id`` is PROVIDER-ID, ``profile`` the kind of device to assume where a device does not
    tell its own; the rest describes the Company Hub and is empty without one.
    """

    provider_id: str
    profile: str = "wp8"
    enterprise_id: str = ""
    hub_url: str = ""
    product_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """What a device answered to one command of a job.

    ``position`` counts the job's commands in document order from 0, a container before what it
    holds; ``item`` counts the items of one command. ``code`` is the Status; ``value`` came in
    Results, with ``format`` and ``type`` as the device gave them. ``original_error`` is Windows'
    HRESULT beside the code.
    """

    job: int
    position: int
    item: int = 0
    command: str
    uri: str
    code: str = ""
    original_error: str | None = None
    value: str | None = None
    format: str = ""
    type: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedDevice:
    """An account as an administrator sees it: with the end of its certificate, and its last job."""

    account: Account
    not_after: datetime | None
    job: QueuedJob | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionState:
    """One DM session between two messages, everything its next message needs.

    ``server_msg_id`` is the MsgID of its last answer; ``challenge_nonce`` is what the device was
    challenged with, ``server_nonce_now`` what it challenged the server with, ``server_retries``
    times. ``last_request_digest``/``last_response`` serve a message that the device sends again.
    ``work`` is the session engine's own, as JSON: what is still to be sent or put together.
    """

    device_id: str
    session_id: str
    account: str | None = None
    is_client_authenticated: bool = False
    is_server_authenticated: bool = False
    challenge_nonce: bytes | None = None
    server_nonce_now: bytes | None = None
    server_retries: int = 0
    server_msg_id: int = 0
    is_closed: bool = False
    work: str = "{}"
    last_request_digest: str = ""
    last_response: bytes = b""
    started: datetime | None = None
    updated: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryValue:
    """A node's value as the device last reported it; ``type`` is Meta's, empty where none came."""

    uri: str
    value: str
    format: str = "chr"
    type: str = ""
    read: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandStatus:
    """A Status the device returned for a command of ours, kept as evidence."""

    device_id: str
    session_id: str
    uri: str
    command: str
    code: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultOrder:
    """A mistake that a person wants the running server to make.

    ``fault`` is the rule's id; ``account`` restricts it to the management of one device, ``step``
    to one step (empty: wherever it can be made); ``remaining`` counts how often it is still to be
    made, ``None``: always.
    """

    id: int
    fault: str
    account: str | None
    step: str
    remaining: int | None
    ordered: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment that a tester gave a name; ``at`` is when."""

    id: int
    text: str
    at: datetime
