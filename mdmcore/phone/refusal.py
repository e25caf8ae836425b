"""How a simulated phone gives up, and how its driver says that no answer came.

A refusal says what the device could not do and where; it never names a rule (those are data in
another room). ``phone`` is set when the device's state moved on before it gave up.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from mdmcore.errors import MdmError

if TYPE_CHECKING:
    from mdmcore.http import TlsFacts
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
    SCEP = "scep"
    """A certificate that the server has told the device to fetch."""
    APP = "app"
    """The package of an app that the server has ordered."""


class Failure(StrEnum):
    """Why no answer came, as far as the driver of a phone can tell."""

    OTHER = "other"
    NAME_UNRESOLVED = "name-unresolved"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed-out"
    BROKEN_OFF = "broken-off"
    PROXY = "proxy"
    """The proxy does not let the device through."""
    TLS_NAME = "tls-name"
    """The server's certificate is for other hosts."""
    TLS_WILDCARD = "tls-wildcard"
    TLS_ROOT = "tls-root"
    """The chain leads to a root that the device does not have."""
    TLS_ISSUER = "tls-issuer"
    """The server does not send who issued its certificate, and the device does not know it."""
    TLS_DATES = "tls-dates"
    TLS_REVOCATION = "tls-revocation"
    """A revocation list that the server's certificate names cannot be fetched."""
    TLS_TOO_MODERN = "tls-too-modern"
    TLS_TOO_OLD = "tls-too-old"
    TLS_CLIENT_CERTIFICATE = "tls-client-certificate"
    """The server wants a certificate, or does not take the one that was offered."""
    TLS_OTHER = "tls"


class NoAnswer(MdmError):
    """Thrown into a phone's generator by its driver: the request got no HTTP answer at all.

    ``failure`` says why apart from words; ``tls`` what the handshake showed as far as it came.
    """

    def __init__(
        self, reason: str, *, failure: Failure = Failure.OTHER, tls: TlsFacts | None = None
    ) -> None:
        self.reason = reason
        self.failure = failure
        self.tls = tls
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
