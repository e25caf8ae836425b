"""Lives, servers and phones for faults that have no room in the usual life, as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from mdmcore.phone import Keyring, generic_alert
from mdmcore.phone.settings import Caution
from mdmcore.profiles import FEDERATED
from mdmcore.records import AuthScheme
from mdmcore.server.planning import WantedJob
from mdmcore.server.session.limits import LARGEST_MESSAGE
from mdmcore.syncml.model import Command, Item, Meta
from tests.matrix.lives import (
    SCEP,
    fetches_a_certificate,
    robbed,
    tells_of_a_job,
    told_to_leave,
    tries_again_and_again,
    weeks_of_sessions,
)
from tests.matrix.play import Stage
from tests.support.keys import load_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """What a fault needs to have room: settings of the server, of the phone, another life.

    ``profiles`` are those that the fault can be made for, empty for all; ``also`` are faults that
    are on beside it, only to make room; ``brings`` are the rules that speak about the life itself;
    ``times`` is how often the mistake is made, ``None`` for always.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    phone: Mapping[str, Any] = field(default_factory=dict)
    life: Callable[[Stage], None] = Stage.life
    profiles: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    brings: frozenset[str] = frozenset()
    times: int | None = None

    @property
    def is_careful(self) -> bool:
        """Whether the phone refuses something that it may refuse."""
        return bool(self.phone.get("cautions"))


USUAL = Variation()
PHONES = Variation(profiles=("wp8", "wp81"))
FETCHES = Variation(settings={"jobs": (SCEP,)}, life=fetches_a_certificate)
SIGNS_IN = Variation(settings={"auth_policies": (FEDERATED,)})
ONCE = Variation(times=1)
"""Servers send such a command once; a second Add is another mistake (``add-existing-418``)."""
REFUSES = Variation(brings=frozenset({"enrollment-refused"}))
"""The mistake is one of a SOAP fault, so there must be a refusal to make it in."""


def _careful(caution: Caution) -> Variation:
    return Variation(phone={"cautions": frozenset({caution})})


_A_JOB = (
    WantedJob(commands=(Command(name="Get", cmd_id="", items=(Item(target="./DevInfo/Mod"),)),)),
)
"""Sessions with a job have a second message with commands: the server's own Gets follow."""


def asks_again(stage: Stage) -> None:
    """The connection breaks under the first message of a session."""
    stage.enroll()
    stage.hub()
    stage.session()
    stage.asks_again = lambda request: b"1201" in (request.body or b"")
    stage.sessions(2)


def has_news(stage: Stage) -> None:
    """A CSP of the device has something to tell when a session begins (session.md 2.5)."""
    stage.enroll()
    stage.hub()
    note = Item(meta=Meta(format="chr", type="com.example.csp.done"), data="0")
    stage.session("session 1", generic_alert(note))
    stage.session("session 2")


def two_devices(stage: Stage) -> None:
    """Another device enrols first."""
    own, keys = stage.settings, stage.keys
    stage.settings = replace(own, device_id=own.device_id[:-4] + "EEEE", email="two@example.test")
    stage.peer, stage.keys = "192.0.2.2", Keyring(lambda _bits: load_key("enterprise"))
    stage.enroll()
    stage.settings, stage.peer, stage.keys = own, "192.0.2.1", keys
    stage.life()


def eleven_sessions(stage: Stage) -> None:
    """So many that a SessionID of phones has a letter, counted from 0."""
    stage.enroll()
    stage.hub()
    stage.sessions(11)


def fails_to_renew_twice(stage: Stage) -> None:
    """The device asks for renewal a second time."""
    stage.enroll()
    stage.hub()
    stage.sessions(1)
    stage.renewal()
    stage.renewal()


def loads_the_hub_twice(stage: Stage) -> None:
    """The device fetches its hub once more."""
    stage.enroll()
    stage.hub()
    stage.hub()


def goes_on_if_it_is_the_same(stage: Stage) -> None:
    """Another program of the device goes on with a download of another version."""
    stage.enroll()
    stage.hub()
    last = stage.played.exchanges[-1].request
    headers = last.headers.replaced("If-Range", '"older"')
    stage.answer(replace(last, headers=headers))


def gets_a_large_object(stage: Stage) -> None:
    """Once the server knows that the device takes large objects it has one for it, of three
    messages."""
    stage.enroll()
    stage.hub()
    stage.session("session 1")
    limit = stage.settings.message_limit or LARGEST_MESSAGE
    item = Item(target=NAME, meta=Meta(format="chr"), data="x" * (2 * limit + 1000))
    stage.queue(Command(name="Replace", cmd_id="", items=(item,)))
    stage.session("session 2")
    stage.session("session 3")


def enrolls_again(stage: Stage) -> None:
    """The same device enrols a second time, with another key."""
    stage.enroll()
    stage.hub()
    stage.sessions(2)
    stage.clock.advance(hours=1)
    stage.enroll()
    stage.hub()
    stage.sessions(2)
    stage.leave()


NAME = "./Vendor/MSFT/DMClient/Provider/MDMProxy/EntDMID"
"""A node that holds a text of any length."""

TAKES_CHUNKS = Variation(
    life=gets_a_large_object,
    phone={"details": {"large_objects": "true"}},
    brings=frozenset({"large-object-on-phone"}),
)
SIGNS_MESSAGES = Variation(
    settings={"appsrv_scheme": AuthScheme.HMAC}, phone={"sends_cred_first": False}
)
STARTS_WORK = Variation(
    settings={
        "jobs": (
            WantedJob(
                recipe="hub-install", values=(("version", "1.0.0.0"),), profiles=("wp8", "wp81")
            ),
            WantedJob(
                recipe="store-app-install",
                values=(("package-family", "App_8wekyb3d8bbwe"), ("store-id", "9WZDNCRFJ3TJ")),
                profiles=("win10",),
            ),
        )
    }
)


def asks_in_other_forms(stage: Stage) -> None:
    """Behind its first session the device asks as ``mdmproxy probe`` does."""
    stage.enroll()
    stage.session()
    stage.ask_in_other_forms()
    stage.session("session 2")


def asks_as_stranger(stage: Stage) -> None:
    """The same with a message of a device that the server does not know."""
    stage.enroll()
    stage.session()
    stage.ask_as_stranger()


NO_HUB_ASKED = frozenset({"hub-no-attempt"})

VARIATIONS: Mapping[str, Variation] = MappingProxyType(
    {
        # what only a careful device refuses
        "relates-to-mismatch": _careful(Caution.RELATES_TO),
        "soap-content-type-wrong": _careful(Caution.CONTENT_TYPE),
        "action-not-addressing": _careful(Caution.ACTION_HEADER),
        "policy-element-order": _careful(Caution.POLICY_ORDER),
        "discover-namespace-trailing-slash": _careful(Caution.DISCOVER_NAMESPACE),
        "enrollment-version-for-old-client": _careful(Caution.ENROLLMENT_VERSION),
        "wap-private-key-container-missing": _careful(Caution.PRIVATE_KEY_CONTAINER),
        "wap-too-many-cas": _careful(Caution.CA_COUNT),
        "push-in-wap": _careful(Caution.PUSH_IN_DOCUMENT),
        "synchdr-status-not-first": _careful(Caution.STATUS_ORDER),
        "missing-command-status": _careful(Caution.COMMAND_STATUS),
        "element-order": _careful(Caution.ELEMENT_ORDER),
        # Federated enrolment
        "wab-action-not-appru": SIGNS_IN,
        "wab-wresult-missing": SIGNS_IN,
        "wab-token-not-escaped": SIGNS_IN,
        "wab-integrated-auth": SIGNS_IN,
        "auth-policy-unimplemented": replace(SIGNS_IN, profiles=("wp81", "win81", "win10")),
        "federated-url-missing": SIGNS_IN,
        "renew-mandatory-when-federated": SIGNS_IN,
        # found by asking
        "user-agent-gate": Variation(life=asks_in_other_forms, brings=NO_HUB_ASKED),
        "query-gate": Variation(life=asks_in_other_forms, brings=NO_HUB_ASKED),
        "challenge-differs-by-device": Variation(life=asks_as_stranger, brings=NO_HUB_ASKED),
        # mistakes in a refusal
        "fault-http-200": REFUSES,
        "fault-lowercase-elements": REFUSES,
        "fault-subcode-unknown": REFUSES,
        # commands that a server sends once
        # Windows Phone 8.0 has no WiFi below Vendor/MSFT.
        "data-double-escaped": replace(ONCE, profiles=("wp81", "win81", "win10")),
        "exec-before-add": ONCE,
        # Windows Phone 8.0 has no RemoteRing.
        "exec-in-atomic": Variation(profiles=("wp81", "win81", "win10")),
        # Windows 10 has no DeviceLock below Provider to be inverted.
        "devicelock-inverted": replace(ONCE, profiles=("wp8", "wp81", "win81")),
        "admx-payload-format": ONCE,
        "apprestrictions-product-id": ONCE,
        "policymanager-without-atomic": ONCE,
        "admx-undefined-category": ONCE,
        "firewall-rule-without-atomic": ONCE,
        "scep-enroll-exec-missing": ONCE,
        "get-on-write-only": ONCE,
        "large-object-on-phone": ONCE,
        "client-cert-both-stores": replace(ONCE, phone={"os_version": "10.0.10586.0"}),
        # other lives
        "sessionid-parsed-as-int": Variation(life=eleven_sessions, phone={"first_session": 0}),
        # Windows Phone 8 asks its user once and never tries again (enrollment.md 10).
        "cert-subject-not-unique": Variation(
            life=two_devices, brings=frozenset({"first-sync-window-missed"})
        ),
        "renew-attempts-failing": Variation(
            life=fails_to_renew_twice, profiles=("wp81", "win81", "win10")
        ),
        # the hub, which only phones have
        "hub-content-range-wrong": PHONES,
        "hub-206-multipart": PHONES,
        "hub-416-wrong": PHONES,
        "hub-package-changed": PHONES,
        "hub-range-ignored": PHONES,
        "hub-content-type-wrong": PHONES,
        "hub-bytes-differ": replace(PHONES, life=loads_the_hub_twice),
        "hub-if-range-ignored": replace(PHONES, life=goes_on_if_it_is_the_same),
        "uncredentialed-package-not-challenged": Variation(phone={"sends_cred_first": False}),
        "session-abort-with-commands": Variation(
            phone={"user_cancels_at": 2}, brings=frozenset({"first-session-never-completed"})
        ),
        "re-enrolled-state-kept": Variation(life=enrolls_again),
        "async-exec-not-polled": STARTS_WORK,
        # large objects and HMAC
        "moredata-missing-size": TAKES_CHUNKS,
        "moredata-size-mismatch": TAKES_CHUNKS,
        "moredata-interleaved-chunk": TAKES_CHUNKS,
        "hmac-with-cred": SIGNS_MESSAGES,
        "hmac-212": SIGNS_MESSAGES,
        "hmac-no-nextnonce": SIGNS_MESSAGES,
        # The first digest is made with a nonce out of the blue, so that the device challenges.
        "nonce-used-too-late": Variation(brings=frozenset({"digest-from-unknown-values"})),
        # what a server does late
        "enroll-attempt-loop": Variation(life=tries_again_and_again),
        "push-channel-not-refreshed": Variation(life=weeks_of_sessions),
        "renew-signer-not-checked": Variation(
            life=robbed, brings=frozenset({"renew-subject-changed"})
        ),
        # Windows Phone 8 leaves without a word, so that nothing can be sent to it again.
        "unenroll-waits-for-status": Variation(
            life=told_to_leave, profiles=("wp81", "win81", "win10")
        ),
        "unenroll-by-code-only": Variation(life=tells_of_a_job),
        "unenroll-endpoint-closed": Variation(life=told_to_leave, phone={"ignores_unenroll": True}),
        "scep-no-pkioperation": replace(FETCHES, profiles=("wp81", "win10")),
        "scep-certrep-attribute-missing": replace(FETCHES, profiles=("wp81", "win10")),
        "esp-release-not-acked": Variation(phone={"oobe_sessions": 2}),
        # Phones do not tell LoginStatus (session.md 1.2), so that nobody sees who is signed in.
        "user-scope-without-user": Variation(
            phone={"is_user_logged_in": False}, profiles=("win81", "win10")
        ),
        # A silent renewal that was promised has a rule of its own. Windows 10 renews silently even
        # if ROBOSupport is false (MDE2, note 3); the Windows 8.1 PC knows nothing but Federated
        # enrolment, which promises it.
        "renew-wrong-request-type": Variation(
            also=("renew-mandatory-when-federated",), profiles=("wp8", "wp81", "win10")
        ),
        "generic-alert-unanswered": Variation(life=has_news),
        # Only Windows 10 names a MaxMsgSize, or asks the server to wait: the packages of all others
        # are one message (session.md 1.7).
        "client-unfinished-not-continued": Variation(
            phone={"max_message_bytes": 2400}, profiles=("win10",)
        ),
        "commands-before-previous-answered": Variation(
            phone={"pending_messages": 1}, profiles=("win10",)
        ),
        "replay-not-idempotent": Variation(life=asks_again),
        "newpin-separate-message": Variation(settings={"jobs": _A_JOB}, phone={"pin": "1234"}),
    }
)
"""Fault -> what it needs; all others run in the usual life."""
