"""What the page shows of one exchange: both messages, each as sent beside what it means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mdmcore.http import Response
from mdmcore.inspector.masked_text import masked_url
from mdmcore.inspector.masked_xml import scrubbed
from mdmcore.report.analysis import Row
from mdmcore.report.html.body import Body, body_of
from mdmcore.report.html.explained import Explained, explained
from mdmcore.report.html.http_head import Head, head_of
from mdmcore.report.html.marks import is_of_request
from mdmcore.report.html.messages import Names
from mdmcore.report.html.record import Record
from mdmcore.report.html.times import usual_time
from mdmcore.report.html.visible import visible
from mdmcore.rules import Finding

_MAX_URL = 2000
_MAX_NOTE = 4000
_OURS = re.compile(r"\[mdm\].*?\[/mdm\]", re.DOTALL)
"""Our own annotation of a flow, beside which a person may write (design.md section 5)."""
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
    """Both sides, and the facts that are about both. ``note``: what a person wrote on it."""

    asked: Side
    answered: Side
    other: Explained
    note: str = ""


def exchange_view(row: Row, names: Names, *, show_secrets: bool) -> ExchangeView:
    """All of an exchange; secrets of one side are masked in the other, too."""
    exchange, decoded = row.exchange, row.inspection.decoded
    request, response = exchange.request, exchange.response
    asked = body_of(request.body, request.media_type, show_secrets=show_secrets)
    answered = None if response is None else _answer_body(response, show_secrets)
    secrets = (*asked.secrets, *(() if answered is None else answered.secrets))
    url = request.url if show_secrets else masked_url(request.url)
    heads = (
        head_of(f"{request.method} {url}", request.headers, show_secrets=show_secrets),
        None if response is None else _answer_head(response, show_secrets),
    )
    absent = exchange.error or ("no answer was recorded" if response is None else "")
    rest = {name: value for name, value in decoded.items() if name not in _SIDES}
    return ExchangeView(
        asked=Side(
            title="Request",
            name=names.asked,
            head=_scrubbed_head(heads[0], secrets),
            body=_scrubbed_body(asked, secrets),
            explained=explained(decoded.get("request", {}), secrets),
        ),
        answered=Side(
            title="Answer",
            name=names.answered,
            head=_scrubbed_head(heads[1], secrets),
            body=_scrubbed_body(answered, secrets),
            explained=explained(decoded.get("response", {}), secrets),
            absent=absent,
        ),
        other=explained(rest, secrets),
        note=scrubbed(_OURS.sub("", exchange.notes.comment).strip()[:_MAX_NOTE], secrets),
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
        started=usual_time(exchange.started),
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
        rules=tuple(dict.fromkeys(_spoken(inspection.findings))),
    )


def _spoken(findings: Iterable[Finding]) -> Iterator[tuple[str, bool]]:
    for finding in findings:
        for place in finding.places:
            yield finding.rule, is_of_request(place)


def _answer_body(response: Response, show_secrets: bool) -> Body:
    return body_of(
        response.body,
        response.media_type,
        length=response.body_length,
        show_secrets=show_secrets,
    )


def _answer_head(response: Response, show_secrets: bool) -> Head:
    return head_of(f"HTTP status {response.status}", response.headers, show_secrets=show_secrets)


def _scrubbed_head(head: Head | None, secrets: tuple[str, ...]) -> Head | None:
    if head is None or not secrets:
        return head
    fields = tuple(replace(each, value=scrubbed(each.value, secrets)) for each in head.fields)
    return replace(head, line=scrubbed(head.line, secrets), fields=fields)


def _scrubbed_body(body: Body | None, secrets: tuple[str, ...]) -> Body | None:
    if body is None or not secrets:
        return body
    parts = tuple(replace(each, text=scrubbed(each.text, secrets)) for each in body.parts)
    return replace(body, parts=parts)
