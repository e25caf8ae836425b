"""What the device is beyond the values of its nodes: one value, replaced by what changes it.

Kept from session to session in ``EnrolledPhone.device``, and part of what an Atomic brings back
when it fails.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from mdmcore.phone.certificate_store import HeldCertificate
from mdmcore.phone.device.status_page import StatusPage
from mdmcore.phone.device.work import Work
from mdmcore.phone.polling import Polling

_NOT_POLLED = Polling()


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledApp:
    """An app that management installed. ``csp`` is the CSP that did it, ``node`` the path of its
    node in the inventory below the root of that CSP."""

    csp: str
    node: tuple[str, ...]
    context: str = "device"
    product: str
    version: str
    title: str
    publisher: str
    installed: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyValue:
    """A policy that a server has set. ``source`` is the CSP, with the context where not device."""

    source: str
    area: str
    name: str
    value: str
    format: str = "int"


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestedPolicy:
    """A policy that an ingested ADMX file has defined; ``app`` and ``file`` name it in the tree."""

    app: str
    file: str
    area: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PushChannel:
    """The push channel; ``uri`` is empty where it could not be opened, ``status`` says why."""

    pfn: str
    uri: str
    status: str
    opened: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """The device. ``has_card_slot``: there is a storage card to be switched off.

    ``is_leaving``: the server has executed Unenroll. ``pin`` is empty where the user has none,
    ``new_pin`` what can be read until the message ends. ``wipe`` is the node of RemoteWipe that
    was executed, ``is_restarting`` and ``is_renewing`` are what was ordered and not yet done.
    ``added_certificates`` and ``removed_certificates`` (places) are changes that the store does
    not have yet. ``dead_accounts`` are those that the message has deleted by naming them
    again. ``has_poll_node``: the server has added Poll below DMClient. ``status_pages`` are those
    at which the user waits, or has waited.
    """

    has_card_slot: bool = True
    is_leaving: bool = False
    pin: str = field(default="", repr=False)
    new_pin: str = field(default="", repr=False)
    is_locked: bool = False
    rings: int = 0
    wipe: str = ""
    is_restarting: bool = False
    is_renewing: bool = False
    is_encrypted: bool = False
    recovery_rotation: str = ""
    apps: tuple[InstalledApp, ...] = ()
    work: tuple[Work, ...] = ()
    policies: tuple[PolicyValue, ...] = ()
    ingested: tuple[IngestedPolicy, ...] = ()
    added_certificates: tuple[HeldCertificate, ...] = ()
    removed_certificates: frozenset[str] = frozenset()
    dead_accounts: frozenset[str] = frozenset()
    has_poll_node: bool = False
    push: PushChannel | None = None
    status_pages: tuple[StatusPage, ...] = ()
    polling: Polling = _NOT_POLLED

    def after_message(self) -> DeviceState:
        """The device once a message is over: what held in that message only is gone."""
        if not self.new_pin and not self.dead_accounts:
            return self
        return replace(self, new_pin="", dead_accounts=frozenset())
