"""What the person who runs a simulated phone chooses: user, device, and how careful it is.

Where sources say that a device *may* refuse something, a ``Caution`` decides; without it the
phone goes on. What sources say a device refuses is refused without asking.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from mdmcore.errors import ConfigError
from mdmcore.namespaces import VALUE_TYPE_JWT
from mdmcore.profiles import DeviceProfile, device_profile

type Clock = Callable[[], datetime]
"""Returns the time now as an aware UTC datetime."""

type Random = Callable[[int], bytes]
"""Returns that many unpredictable bytes."""


class Consent(StrEnum):
    """What the user says when an app is to be installed."""

    UNASKED = "unasked"
    """The device does not ask."""
    GIVEN = "given"
    REFUSED = "refused"


class Caution(StrEnum):
    """Something a device may refuse, by the sources; which one does is not known."""

    CONTENT_TYPE = "content-type"
    """Another media type than application/soap+xml in an enrolment answer."""
    RELATES_TO = "relates-to"
    """RelatesTo that is not the MessageID byte for byte."""
    ACTION_HEADER = "action-header"
    """Action outside the WS-Addressing namespace, or without mustUnderstand."""
    DISCOVER_NAMESPACE = "discover-namespace"
    """A slash at the end of the namespace of DiscoverResponse."""
    ENROLLMENT_VERSION = "enrollment-version"
    """EnrollmentVersion sent to a device that does not know it."""
    POLICY_ORDER = "policy-order"
    """Children of policy elements out of their schema's order."""
    PRIVATE_KEY_CONTAINER = "private-key-container"
    """No PrivateKeyContainer beside the client certificate."""
    CA_COUNT = "ca-count"
    """More than one root or more than one intermediate certificate."""
    PUSH_IN_DOCUMENT = "push-in-document"
    """A Push branch below DMClient in the provisioning document."""
    STATUS_ORDER = "status-order"
    """The Status for SyncHdr does not come first."""
    COMMAND_STATUS = "command-status"
    """A command of the device without Status."""
    ELEMENT_ORDER = "element-order"
    """SyncML children out of the order of the DTD."""
    MESSAGE_SIZE = "message-size"
    """An answer larger than the MaxMsgSize that the device named."""
    EMPTY_CLOSING = "empty-closing"
    """An empty HTTP 200 where only the last Statuses were missing."""


ALL_CAUTIONS = frozenset(Caution)


MIN_MESSAGE_BYTES = 2048
"""A smaller MaxMsgSize has no room for a header with credentials and a challenge."""


class UserReaction(StrEnum):
    """What the user does when the server shows something (alerts 1100 to 1104)."""

    CONFIRM = "confirm"
    REJECT = "reject"
    """Says No, where that can be said."""
    CANCEL = "cancel"
    IGNORE = "ignore"
    """Does nothing until the time is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAnswer:
    """How the user answers: the reaction, what is typed, and the choices by number from 1."""

    reaction: UserReaction = UserReaction.CONFIRM
    text: str = ""
    choices: tuple[int, ...] = (1,)


@dataclass(frozen=True, slots=True, kw_only=True)
class UriLimits:
    """How long a LocURI may be, 0 for no limit (DMSTD, DevDetail/URI): names in it, characters of
    all of it and of a name."""

    depth: int = 0
    length: int = 0
    segment: int = 0


_NO_LIMITS = UriLimits()
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneSettings:
    """One simulated phone and its user.

    ``server`` is what the user types when the e-mail address does not lead to one (or is
    ``DOMAIN\\user``): a host, or a whole URL of discovery. ``accepts_redirect`` is the user's
    answer when discovery over plain HTTP finds a redirect. ``request_version`` and
    ``offered_auth_policies`` replace what the profile says. ``user_token`` is a JWT that the device
    has already, shown instead of a sign-in page.
    Without ``sends_cred_first`` the first DM message has no Cred, so that the server must ask.
    ``sends_blank_token`` gives a silent renewal the header of the printed sample;
    ``ignores_unenroll`` is what work-account enrolments do with the server's Unenroll.

    ``user_answer``: a device that shows the server's alerts, and its user; without it they are
    answered 406, as no source says that Windows shows them [U]. ``user_cancels_at`` is the MsgID
    of the message with which the user breaks a session off, from 2 on. ``pending_messages``: how
    often the device asks the server to wait before it answers commands, where it can.
    ``first_session`` is the number of its first session, 0 for a device that has just been started
    (F#25581). ``max_message_bytes`` replaces the profile's MaxMsgSize. ``imei`` is what an account
    with USEHWDEVID calls the device; empty for one without radio, which keeps its ``device_id``.

    ``pin`` is the user's, empty without one; ``has_storage_card``: there is a slot for one.
    ``consent`` is the answer when an app is to be installed; ``stalls_work`` lets what a session
    has started wait for ever. In its first ``oobe_sessions`` sessions a device that is being set
    up takes nothing for its user (F#49134).

    ``details`` are facts of the management tree (those of the catalogue's nodes, by name) that
    differ from the profile's usual ones; an empty one is not there.

    What is empty from ``manufacturer`` on is filled in: from the profile's usual device,
    ``os_edition`` from the profile, ``hardware_id`` (64 hex digits) from the device id.
    """

    email: str
    username: str
    password: str = field(repr=False)
    device_id: str
    profile: str = "wp8"
    language: str = "en-US"
    server: str | None = None
    accepts_redirect: bool = False
    request_version: str | None = None
    offered_auth_policies: tuple[str, ...] | None = None
    user_token: str | None = field(default=None, repr=False)
    sends_cred_first: bool = True
    sends_blank_token: bool = False
    ignores_unenroll: bool = False
    user_answer: UserAnswer | None = None
    user_cancels_at: int | None = None
    pending_messages: int = 0
    first_session: int = 1
    max_message_bytes: int | None = None
    pin: str = field(default="", repr=False)
    has_storage_card: bool = True
    consent: Consent = Consent.UNASKED
    stalls_work: bool = False
    cautions: frozenset[Caution] = frozenset()
    enrollment_type: str = "Full"
    is_user_initiated: bool = True
    is_user_logged_in: bool = True
    is_in_oobe: bool = False
    imei: str = "490154203237518"
    oobe_sessions: int = 0
    mac_addresses: tuple[str, ...] = ("00-00-5E-00-53-01",)
    uri_limits: UriLimits = _NO_LIMITS
    details: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    manufacturer: str = ""
    model: str = ""
    os_version: str = ""
    os_edition: str = ""
    firmware_version: str = ""
    hardware_version: str = ""
    hardware_id: str = ""
    device_name: str = ""
    resolution: str = ""
    processor_architecture: str = ""
    processor_type: str = ""
    os_platform: str = ""

    def __post_init__(self) -> None:
        device = self.device
        if self.user_token is not None and VALUE_TYPE_JWT not in device.user_token_types:
            raise ConfigError(f"{device.title}: there is no enrolment with a JWT")
        if self.pending_messages and not device.reports_pending_requests:
            raise ConfigError(f"{device.title}: the device never asks the server to wait")
        if self.user_cancels_at is not None and self.user_cancels_at < 2:
            raise ConfigError("the user breaks a session off in message 2 or later")
        if self.first_session < 0:
            raise ConfigError("sessions are counted from 0 or more")
        _check_size(self.max_message_bytes, device)
        usual = {
            **device.usual_device,
            "os_edition": device.os_edition,
            "hardware_id": hashlib.sha256(self.device_id.encode()).hexdigest().upper(),
        }
        for name, value in usual.items():
            if not getattr(self, name):
                object.__setattr__(self, name, value)

    @property
    def message_limit(self) -> int | None:
        """The bytes that a message may have, ``None`` where the device knows no limit."""
        return self.max_message_bytes or self.device.max_message_bytes

    @property
    def device(self) -> DeviceProfile:
        """The profile's data; ConfigError when there is no such profile."""
        return device_profile(self.profile)


def _check_size(size: int | None, device: DeviceProfile) -> None:
    if size is None:
        return
    if device.max_message_bytes is None:
        raise ConfigError(f"{device.title}: the device names no MaxMsgSize")
    if size < MIN_MESSAGE_BYTES:
        raise ConfigError(f"a MaxMsgSize below {MIN_MESSAGE_BYTES} has no room for a header")
