"""Lives, servers and phones for faults that have no room in the usual life, as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from mdmcore.phone import Keyring
from mdmcore.phone.settings import Caution
from mdmcore.profiles import FEDERATED
from tests.matrix.play import Stage
from tests.support.keys import load_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """What a fault needs to have room: settings of the server, of the phone, another life.

    ``profiles`` are those that the fault can be made for, empty for all; ``also`` are faults that
    are on beside it, only to make room; ``brings`` are the rules that speak about the life itself.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    phone: Mapping[str, Any] = field(default_factory=dict)
    life: Callable[[Stage], None] = Stage.life
    profiles: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    brings: frozenset[str] = frozenset()

    @property
    def is_careful(self) -> bool:
        """Whether the phone refuses something that it may refuse."""
        return bool(self.phone.get("cautions"))


USUAL = Variation()
SIGNS_IN = Variation(settings={"auth_policies": (FEDERATED,)})


def _careful(caution: Caution) -> Variation:
    return Variation(phone={"cautions": frozenset({caution})})


def two_devices(stage: Stage) -> None:
    """Another device enrols first."""
    own, keys = stage.settings, stage.keys
    stage.settings = replace(own, device_id=own.device_id[:-4] + "EEEE", email="two@example.test")
    stage.peer, stage.keys = "192.0.2.2", Keyring(lambda _bits: load_key("enterprise"))
    stage.enroll()
    stage.settings, stage.peer, stage.keys = own, "192.0.2.1", keys
    stage.life()


def ten_sessions(stage: Stage) -> None:
    """So many that a SessionID of phones has a letter."""
    stage.enroll()
    stage.hub()
    stage.sessions(10)


def fails_to_renew_twice(stage: Stage) -> None:
    """The device asks for renewal a second time."""
    stage.enroll()
    stage.hub()
    stage.sessions(1)
    stage.renewal()
    stage.renewal()


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
        # other lives
        "cert-subject-not-unique": Variation(life=two_devices),
        "sessionid-parsed-as-int": Variation(life=ten_sessions, profiles=("wp8", "wp81")),
        "renew-attempts-failing": Variation(
            life=fails_to_renew_twice, profiles=("wp81", "win81", "win10")
        ),
        "uncredentialed-package-not-challenged": Variation(phone={"sends_cred_first": False}),
        "session-abort-with-commands": Variation(
            phone={"user_cancels_at": 2}, brings=frozenset({"first-session-never-completed"})
        ),
        "user-scope-without-user": Variation(phone={"is_user_logged_in": False}),
        "renew-wrong-request-type": Variation(profiles=("wp8",)),
    }
)
"""Fault -> what it needs; all others run in the usual life."""
