"""Writing the page: rows are taken one by one, the page is put together at the end.

Each exchange's part of the page goes to a spool when its row comes, so that memory does not grow
with what was captured. How much of a page a browser can hold is bounded, too: what is left out is
said where it would stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self, TextIO

from markupsafe import Markup

from mdmcore.report.analysis import Analysis, Row
from mdmcore.report.html.environment import asset, environment, render
from mdmcore.report.html.exchange_view import exchange_view, record_of
from mdmcore.report.html.messages import MessageNames, Names
from mdmcore.report.html.page import KIND_NAMES, Survey
from mdmcore.report.html.record import Record, Spool
from mdmcore.report.html.times import usual_time
from mdmcore.report.schedule import Sightings

SPOOL_IN_MEMORY = 4 * 1024 * 1024
"""Bytes of exchanges that are held in memory before the spool becomes a file."""

MAX_DETAILS = 40 * 1024 * 1024
"""Characters of all exchanges' messages on the page; of later exchanges only the line is there."""

MAX_LISTED = 20_000
"""Exchanges that the page lists at all."""


class HtmlWriter:
    """Takes rows one by one, then writes the page. A context manager: it owns the spool."""

    def __init__(
        self,
        *,
        show_secrets: bool = False,
        spool_in_memory: int = SPOOL_IN_MEMORY,
        max_details: int = MAX_DETAILS,
        max_listed: int = MAX_LISTED,
    ) -> None:
        self._show_secrets = show_secrets
        self._spool = Spool(in_memory=spool_in_memory)
        self._details_left = max_details
        self._max_listed = max_listed
        self._names = MessageNames()
        self._sightings = Sightings()
        self._rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.close()

    def add(self, row: Row) -> None:
        """Keep an exchange."""
        self._rows += 1
        if usual_time(row.exchange.started) is not None:
            self._sightings.take(row)
        names = self._names.of(row)
        record = record_of(row, names, number=self._rows, show_secrets=self._show_secrets)
        self._spool.add(record, self._fragment(row, names, record))

    def finish(self, out: TextIO, analysis: Analysis) -> None:
        """Write the page, once all rows of the analysis were added."""
        survey = Survey(analysis, self._sightings)
        for record in self._spool.records():
            survey.take(record)
        style, early, script = asset("page.css"), asset("early.js"), asset("page.js")
        page = survey.page()
        values = {
            "page": page,
            "show_secrets": self._show_secrets,
            "style": style,
            "early": early,
            "script": script,
            "listed": min(self._rows, self._max_listed),
        }
        out.write(_ascii(render("head.html", **values)))
        for fragment in self._exchanges(survey, has_days=page.has_days):
            out.write(_ascii(fragment))
        out.write(_ascii(render("tail.html", **values)))

    def _exchanges(self, survey: Survey, *, has_days: bool) -> Iterator[str]:
        template = environment().get_template("exchange.html")
        capture: str | None = None
        for record, fragment in self._spool.read():
            if record.number > self._max_listed:
                return
            life = survey.owner(record.life)
            yield template.render(
                record=record,
                detail=Markup(fragment),
                life=life,
                marks=survey.marks.of(record, life),
                is_first_of_capture=record.capture != capture,
                kind_names=KIND_NAMES,
                has_days=has_days,
            )
            capture = record.capture

    def _fragment(self, row: Row, names: Names, record: Record) -> str:
        """The messages of an exchange; nothing where the page holds no more."""
        if self._details_left <= 0 or record.number > self._max_listed:
            return ""
        view = exchange_view(row, names, show_secrets=self._show_secrets)
        detail = render("detail.html", view=view, record=record)
        self._details_left -= len(detail)
        return detail


def _ascii(html: str) -> str:
    """The same with references for all other characters: right in whatever encoding the file has.
    Style and script, where there are no references, are ASCII."""
    return html.encode("ascii", "xmlcharrefreplace").decode("ascii")


def write_html(out: TextIO, analysis: Analysis, *, show_secrets: bool = False) -> None:
    """Run the analysis and write its page."""
    with HtmlWriter(show_secrets=show_secrets) as writer:
        for row in analysis.rows():
            writer.add(row)
        writer.finish(out, analysis)
