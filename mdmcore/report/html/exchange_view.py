"""What the page shows of one exchange: both messages, each as sent beside what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from mdmcore.http import Exchange, Response
from mdmcore.report.analysis import Row
from mdmcore.report.html.body import Body, body_of
from mdmcore.report.html.explained import Explained, explained
from mdmcore.report.html.http_head import Head, head_of, masked_url
from mdmcore.report.html.masked_xml import scrubbed
from mdmcore.report.html.messages import Names
from mdmcore.report.html.record import Record
from mdmcore.report.html.visible import visible

_MAX_URL = 2000
_YEARS = (1970, 2500)
_SIDES = ("request", "response")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A message: its name, its head and body, what is explained of it. ``head`` is ``None`` for an
    answer that did not come: ``absent`` says so."""

    title: str
    name: str
    head: Head | None
    body: Body | None
    explained: Explained
    absent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeView:
    """Both sides, and the facts that are about both."""

    asked: Side
    answered: Side
    other: Explained


def exchange_view(row: Row, names: Names, *, show_secrets: bool) -> ExchangeView:
    """All of an exchange; secrets of one side are masked in the other, too."""
    exchange, decoded = row.exchange, row.inspection.decoded
    request = exchange.request
    asked = _side(
        "Request",
        names.asked,
        head_of(_request_line(exchange, show_secrets), request.headers, show_secrets=show_secrets),
        body_of(request.body, request.media_type, show_secrets=show_secrets),
        decoded.get("request"),
    )
    answered = _answer(exchange, names.answered, decoded.get("response"), show_secrets)
    secrets = tuple(
        secret
        for side in (asked, answered)
        if side.body is not None
        for secret in side.body.secrets
    )
    rest = {name: value for name, value in decoded.items() if name not in _SIDES}
    return ExchangeView(
        asked=_without(asked, secrets),
        answered=_without(answered, secrets),
        other=explained(rest),
    )


def record_of(row: Row, names: Names, *, number: int, show_secrets: bool) -> Record:
    """The facts of an exchange, for the lists and drawings."""
    exchange, inspection = row.exchange, row.inspection
    url = exchange.request.url if show_secrets else masked_url(exchange.request.url)
    session = inspection.session
    return Record(
        number=number,
        id=visible(exchange.id),
        capture=visible(exchange.capture),
        index=exchange.index,
        started=_utc(exchange.started),
        kind=inspection.kind.value,
        life=inspection.life,
        session=0 if session is None else session.number,
        method=visible(exchange.request.method[:40]),
        url=visible(url[:_MAX_URL]),
        host=visible(exchange.request.host[:200]),
        status=None if exchange.response is None else exchange.response.status,
        summary=inspection.summary,
        asked=names.asked,
        answered=names.answered,
        failure=visible((exchange.error or "no answer")[:200]) if not names.answered else "",
        rules=tuple((each.rule, each.severity.value) for each in inspection.findings),
    )


def _utc(time: datetime | None) -> datetime | None:
    """The time in UTC; ``None`` for one of a year that no capture is of."""
    if time is None or not _YEARS[0] < time.year < _YEARS[1]:
        return None
    return time.astimezone(UTC)


def _answer(
    exchange: Exchange, name: str, decoded: Mapping[str, Any] | None, show_secrets: bool
) -> Side:
    response = exchange.response
    if response is None:
        absent = exchange.error or "no answer was recorded"
        return replace(_side("Answer", name, None, None, decoded), absent=absent)
    side = _side(
        "Answer",
        name,
        head_of(_status_line(response), response.headers, show_secrets=show_secrets),
        body_of(
            response.body,
            response.media_type,
            length=response.body_length,
            show_secrets=show_secrets,
        ),
        decoded,
    )
    return replace(side, absent=exchange.error) if exchange.error else side


def _side(
    title: str,
    name: str,
    head: Head | None,
    body: Body | None,
    decoded: Mapping[str, Any] | None,
) -> Side:
    return Side(title=title, name=name, head=head, body=body, explained=explained(decoded or {}))


def _without(side: Side, secrets: tuple[str, ...]) -> Side:
    if not secrets:
        return side
    head, body = side.head, side.body
    if head is not None:
        fields = tuple(replace(each, value=scrubbed(each.value, secrets)) for each in head.fields)
        head = replace(head, line=scrubbed(head.line, secrets), fields=fields)
    if body is not None:
        parts = tuple(replace(each, text=scrubbed(each.text, secrets)) for each in body.parts)
        body = replace(body, parts=parts)
    return replace(side, head=head, body=body)


def _request_line(exchange: Exchange, show_secrets: bool) -> str:
    url = exchange.request.url
    return f"{exchange.request.method} {url if show_secrets else masked_url(url)}"


def _status_line(response: Response) -> str:
    return f"HTTP status {response.status}"
