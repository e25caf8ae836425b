"""How a simulated phone gives up, and how its driver says that no answer came.

A refusal says what the device could not do and where; it never names a rule (those are data in
another room). ``phone`` is set when the device's state moved on before it gave up.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from mdmcore.errors import MdmError

if TYPE_CHECKING:
    from mdmcore.phone.state import EnrolledPhone

_MAX_EVIDENCE = 300


class Step(StrEnum):
    """The steps of a phone's life in which it can give up."""

    DISCOVERY = "discovery"
    SIGN_IN = "sign-in"
    """The pages of a Federated enrolment (Web Authentication Broker)."""
    POLICY = "policy"
    ENROLLMENT = "enrollment"
    PROVISIONING = "provisioning"
    MANAGEMENT = "management"
    HUB = "hub"
    RENEWAL = "renewal"
    APP = "app"
    """The package of an app that the server has ordered."""


class NoAnswer(MdmError):
    """Thrown into a phone's generator by its driver: the request got no HTTP answer at all."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Refusal(MdmError):
    """The phone gives up: in which step, at which place of the answer, why, and what it saw.

    ``place`` is an XPath of local names, a header (``header Content-Type``), ``status``, ``url``,
    or a path of characteristics and parms; ``evidence`` the offending value, cut to 300 characters.
    ``hresult`` is what the device would show or keep as error code, where one is known; it stands
    behind the reason.
    """

    def __init__(
        self,
        reason: str,
        *,
        step: Step,
        place: str = "",
        evidence: str = "",
        hresult: int | None = None,
        phone: EnrolledPhone | None = None,
    ) -> None:
        self.reason = reason if hresult is None else f"{reason} (0x{hresult:08X})"
        self.step = step
        self.place = place
        self.evidence = evidence[:_MAX_EVIDENCE]
        self.hresult = hresult
        self.phone = phone
        super().__init__(self.reason)

    def __str__(self) -> str:
        where = f" ({self.place})" if self.place else ""
        return f"{self.step}: {self.reason}{where}"
