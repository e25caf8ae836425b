"""What the person who runs a simulated phone chooses: user, device, and how careful it is.

Where sources say that a device *may* refuse something, a ``Caution`` decides; without it the
phone goes on. What sources say a device refuses is refused without asking.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mdmcore.profiles import DeviceProfile, device_profile

type Clock = Callable[[], datetime]
"""Returns the time now as an aware UTC datetime."""

type Random = Callable[[int], bytes]
"""Returns that many unpredictable bytes."""


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
    EMPTY_CLOSING = "empty-closing"
    """An empty HTTP 200 where only the last Statuses were missing."""


ALL_CAUTIONS = frozenset(Caution)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneSettings:
    """One simulated phone and its user.

    ``server`` is the host the user types when the e-mail address does not lead to one;
    ``accepts_redirect`` is the user's answer when discovery over plain HTTP finds a redirect.
    Without ``sends_cred_first`` the first DM message has no Cred, so that the server must ask.
    """

    email: str
    username: str
    password: str = field(repr=False)
    device_id: str
    profile: str = "wp8"
    manufacturer: str = "NOKIA"
    model: str = "Lumia 820"
    language: str = "en-US"
    os_version: str = "8.0.10501.127"
    firmware_version: str = "1232.5957.1308.0000"
    hardware_version: str = "1.0.0.0"
    device_name: str = "Windows Phone"
    resolution: str = "480x800"
    processor_architecture: str = "5"
    processor_type: str = "0"
    os_platform: str = "Windows Phone 8.0"
    server: str | None = None
    accepts_redirect: bool = False
    sends_cred_first: bool = True
    cautions: frozenset[Caution] = frozenset()

    @property
    def device(self) -> DeviceProfile:
        """The profile's data; ConfigError when there is no such profile."""
        return device_profile(self.profile)
