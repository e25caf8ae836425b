"""The simulated phone, sans-IO: generators that yield requests and are sent the responses.

It does a device's work and refuses what a device refuses, saying at which step and place. Which
rule that means is not known here.
"""

from __future__ import annotations

from mdmcore.phone.background import work_off
from mdmcore.phone.certificate_store import HeldCertificate, SearchResult
from mdmcore.phone.client_identity import ClientIdentity, IdentifiedRequest, identity_of
from mdmcore.phone.commands import Answered
from mdmcore.phone.drive import run
from mdmcore.phone.enrollment import KeySource, enroll
from mdmcore.phone.first_package import generic_alert
from mdmcore.phone.hub import HubDownload, download_hub
from mdmcore.phone.keyring import Keyring
from mdmcore.phone.life import Life, VirtualClock, live, refresh
from mdmcore.phone.management import SessionOutcome, sync
from mdmcore.phone.questions import (
    as_stranger,
    with_enrollment_agent,
    with_query,
    without_credentials,
)
from mdmcore.phone.refusal import Failure, NoAnswer, Refusal, Step
from mdmcore.phone.renewal import RenewalPlan, next_renewal, renew, renewal_plan
from mdmcore.phone.renewal_state import RenewalSettings, RenewalState, RenewalStatus
from mdmcore.phone.settings import (
    ALL_CAUTIONS,
    Caution,
    Clock,
    Consent,
    PhoneSettings,
    Random,
    UserAnswer,
    UserReaction,
)
from mdmcore.phone.state import EnrolledPhone
from mdmcore.phone.timeline import EventKind, LifeEvent
from mdmcore.phone.unenrollment import unenroll

__all__ = [
    "ALL_CAUTIONS",
    "Answered",
    "Caution",
    "ClientIdentity",
    "Clock",
    "Consent",
    "EnrolledPhone",
    "EventKind",
    "Failure",
    "HeldCertificate",
    "HubDownload",
    "IdentifiedRequest",
    "KeySource",
    "Keyring",
    "Life",
    "LifeEvent",
    "NoAnswer",
    "PhoneSettings",
    "Random",
    "Refusal",
    "RenewalPlan",
    "RenewalSettings",
    "RenewalState",
    "RenewalStatus",
    "SearchResult",
    "SessionOutcome",
    "Step",
    "UserAnswer",
    "UserReaction",
    "VirtualClock",
    "as_stranger",
    "download_hub",
    "enroll",
    "generic_alert",
    "identity_of",
    "live",
    "next_renewal",
    "refresh",
    "renew",
    "renewal_plan",
    "run",
    "sync",
    "unenroll",
    "with_enrollment_agent",
    "with_query",
    "without_credentials",
    "work_off",
]
