"""What the messages of an exchange are called, as in MS-MDE, MS-XCEP, MS-WSTEP and OMA DM.

A DM session's messages are its packages: 1 and 2 set it up, with a challenge once more, 3 and 4
manage, as often as needed (OMA DM protocol, 8.1).
"""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.report.analysis import Row
from mdmcore.report.html.visible import shortened
from mdmcore.rules.decoded import SOAP_KINDS, Kind

MAX_NAME = 160

_ANSWERS = {
    Kind.DISCOVER: "DiscoverResponse",
    Kind.GETPOLICIES: "GetPoliciesResponse",
    Kind.RST: "RSTR",
    Kind.RENEW: "RSTR",
}
_ARROW = " -> "


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names of request and answer; the answer's is empty where there was none."""

    asked: str
    answered: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setup:
    session: int
    package: int


class MessageNames:
    """Names the messages in the order in which they came: packages are counted for each life."""

    def __init__(self) -> None:
        self._latest: dict[str, _Setup] = {}

    def of(self, row: Row) -> Names:
        """The names of the next exchange's messages."""
        kind = row.inspection.kind
        left, _, right = row.inspection.summary.partition(_ARROW)
        if kind is Kind.SYNCML:
            asked, answered = self._packages(row, left, right)
        elif kind in SOAP_KINDS:
            asked, answered = left, _soap_answer(row, right)
        elif kind is Kind.HUB:
            asked, answered = _hub(row, right)
        else:
            asked, answered = left, right
        has_answer = row.exchange.response is not None
        return Names(
            asked=shortened(asked, MAX_NAME),
            answered=shortened(answered, MAX_NAME) if has_answer else "",
        )

    def _packages(self, row: Row, left: str, right: str) -> tuple[str, str]:
        session = row.inspection.session
        words = left.partition(": ")[2]
        if session is None:
            return left, right
        key = row.inspection.life or ""
        before = self._latest.get(key)
        is_new = before is None or before.session != session.number
        package = 1 if is_new or before is None else before.package
        following = 1 if session.is_challenged else 3
        self._latest[key] = _Setup(session=session.number, package=following)
        said = "challenge, " if session.is_challenged else ""
        name = f"SyncML package {package}"
        return (
            f"{name} ({session.session_id}/{session.client_msg_id}): {words}",
            f"SyncML package {package + 1}: {said}{right}",
        )


def _soap_answer(row: Row, right: str) -> str:
    answer = row.inspection.decoded.get("response", {})
    if "fault" in answer:
        return f"SOAP Fault: {right}"
    return f"{_ANSWERS[row.inspection.kind]}: {right}" if "soap" in answer else right


def _hub(row: Row, right: str) -> tuple[str, str]:
    asked = row.exchange.request.headers.get("Range") or ""
    name = row.exchange.request.path.rpartition("/")[2]
    return f"{row.exchange.request.method} hub download {name} {asked}", right
