"""Rules on what became of commands over several sessions: work that goes on, failures that come
again, values that differ (session.md 7, 8.5; field-problems.md 2.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from mdmcore.csp.catalogue import find_node, nodes
from mdmcore.csp.compare import compare
from mdmcore.csp.comparing import Compare
from mdmcore.csp.model import Job
from mdmcore.csp.uri import beside
from mdmcore.rules.answered import answers
from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import MAX_VALUE, Reading, Tried
from mdmcore.rules.life_tools import is_new_session
from mdmcore.rules.model import Hit, Severity
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.sent import WRITES

_STARTED = frozenset({"200", "202"})
_RESENT_SESSIONS = 3
_STALLED_SESSIONS = 2
_CHANGES = frozenset({"Add", "Replace", "Delete"})
_NOT_TRIED = frozenset({401, 407})
"""Of a message whose credentials the device does not take no command runs, so none has failed."""


@rule("async-exec-not-polled", kinds={Kind.SYNCML})
def not_polled(scene: Scene) -> Iterator[Hit]:
    """A job that was answered 200 or 202 has only been started, and the node that tells how far it
    is is never read. Get that node in later sessions until it says done or failed."""
    if not is_new_session(scene):
        return
    for started in scene.before.tried:
        if started.code not in _STARTED or started.name not in {"Exec", *WRITES}:
            continue
        if scene.life.session_count != started.session + _STALLED_SESSIONS + 1:
            continue
        status = _status_node(started.target)
        read = (one for one in scene.before.tried if one.name == "Get")
        if status and not any(_is_same_or_above(one.target, status) for one in read):
            yield scene.hit(
                f"{started.name} {started.target} was answered {started.code} in session "
                f"{started.session}, {status} was not read since",
                part="request",
                xpath="/SyncML/SyncHdr/SessionID",
                evidence=started.target,
            )


def _status_node(target: str) -> str:
    """The LocURI that tells how far the work is that a command on this node starts."""
    node = find_node(target)
    if node is None or node.job is None:
        return ""
    return beside(target, node.job.status)


def _is_same_or_above(target: str, node: str) -> bool:
    """Whether reading ``target`` shows that node, too: itself, or a branch as a list."""
    plain = target.partition("?")[0].rstrip("/").lower()
    return node.lower() == plain or (("?list=" in target) and node.lower().startswith(plain))


@rule("resend-loop", kinds={Kind.SYNCML})
def resend_loop(scene: Scene) -> Iterator[Hit]:
    """The same command fails in the same way in three sessions in a row: the server sends it again
    and again. Look at the code, change the command, and stop after the first failure."""
    for answer in answers(scene):
        if answer.code < 400 or answer.code in _NOT_TRIED or answer.sent is None:
            continue
        for target in answer.uris[:1]:
            failed = {
                one.session
                for one in scene.life.tried
                if (one.name, one.target, one.code) == (answer.name, target, str(answer.code))
            }
            if _are_in_a_row(failed, scene.life.session_count):
                yield answer.hit(
                    scene,
                    f"{answer.what} is answered {answer.code} in {_RESENT_SESSIONS} sessions in a "
                    "row",
                )


def _are_in_a_row(sessions: set[int], last: int) -> bool:
    return all(last - back in sessions for back in range(_RESENT_SESSIONS))


@rule("async-job-stalled", kinds={Kind.SYNCML})
def stalled(scene: Scene) -> Iterator[Hit]:
    """The node that tells how far a job is gives the same unfinished value in three sessions: the
    job stands still. Look at the reason beside it, and start the job anew."""
    for reading in scene.life.readings[len(scene.before.readings) :] or _newest(scene):
        job = _job_of_status(reading.uri)
        if job is None or reading.value in (*job.done, *job.failed):
            continue
        same = {
            one.session
            for one in scene.life.readings
            if (one.uri, one.value) == (reading.uri, reading.value)
        }
        if _are_in_a_row(same, reading.session):
            yield scene.hit(
                f"{reading.uri} is {reading.value!r} in {_RESENT_SESSIONS} sessions in a row",
                part="request",
                xpath="/SyncML/SyncBody/Results",
                evidence=reading.uri,
            )


def _newest(scene: Scene) -> tuple[Reading, ...]:
    """What this message brought, where older readings were forgotten for it."""
    return tuple(one for one in scene.life.readings if one not in scene.before.readings)


def _job_of_status(uri: str) -> Job | None:
    """The job that this node tells about."""
    node = find_node(uri)
    return None if node is None else _status_jobs().get(node.path)


@cache
def _status_jobs() -> Mapping[tuple[str, ...], Job]:
    return MappingProxyType(
        {
            tuple(beside("/".join(node.path), node.job.status).split("/")): node.job
            for node in nodes()
            if node.job is not None
        }
    )


@rule("get-after-replace-differs", kinds={Kind.SYNCML})
def differs(scene: Scene) -> Iterator[Hit]:
    """A value that the device took with 200 reads back differently. If it is the same trimmed, as
    XML or as a number, compare it so; if in no way, another rule or policy has changed it since."""
    asked = scene.decoded.request_syncml
    for results in asked.results if asked is not None else ():
        for item in results.items:
            written = _last_written(scene, (item.source or "").strip())
            if written is None or item.data is None or len(item.data) >= MAX_VALUE:
                continue
            # The blanks of a text log are not the device's.
            raw = Compare.RAW if scene.exchange.verbatim else Compare.TRIMMED
            if compare(written.target, written.value, item.data, format="chr", by=raw).is_equal:
                continue
            how = _how_equal(written, item.data)
            same = f"; they are the same {_WORDS.get(how, f'as {how}')}" if how else ""
            yield scene.hit(
                f"{written.target} reads {item.data!r}, {written.value!r} was written"
                f"{same or ', and no way of comparing makes them the same'}",
                part="request",
                xpath=f"{item.place}/Data",
                evidence=written.target,
                severity=None if how else Severity.WARNING,
            )


_WORDS: Mapping[str, str] = {Compare.TRIMMED: "without blanks around them", Compare.XML: "as XML"}


def _how_equal(written: Tried, found: str) -> str:
    """The way of comparing by which the value read is the one written, empty where there is none;
    the strictest first, the node's own format last."""
    node = find_node(written.target)
    format = node.formats[0] if node is not None else "chr"
    for by in (Compare.TRIMMED, Compare.XML, Compare.NUMBER, Compare.AUTO):
        way = compare(written.target, written.value, found, format=format, by=by)
        if way.is_equal:
            return way.how
    return ""


def _last_written(scene: Scene, uri: str) -> Tried | None:
    """The last command that set this node, if the device took it and all of its value is known."""
    changes = [one for one in scene.life.tried if one.target == uri and one.name in _CHANGES]
    last = changes[-1] if changes else None
    if last is None or last.name == "Delete" or last.code != "200" or len(last.value) >= MAX_VALUE:
        return None
    node = find_node(uri)
    return None if node is None or node.is_secret or node.is_interior else last
