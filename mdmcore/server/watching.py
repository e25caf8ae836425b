"""Work that goes on after its Status: which nodes tell how far it is, and what they say.

200 or 202 only means "started" where the catalogue names a node with the progress (session.md 7,
rule async-202-as-done). The node is read once in each session until it holds one of the values
that end the work. Sources: ``Job`` of the CSP catalogue, EAM.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mdmcore.codes import read_code, status_name
from mdmcore.csp import CspNode, find_node, parse_uri
from mdmcore.csp.model import Access
from mdmcore.csp.uri import beside
from mdmcore.records import JobResult, QueueState, WatchedNode

_STARTS = {"200", "202"}
_GONE = {"404", "410"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the work is: RUNNING, DONE or FAILED, and what was seen in a few words."""

    state: QueueState
    words: str


def started_work(results: Iterable[JobResult], profile: str) -> tuple[WatchedNode, ...]:
    """The nodes to read for what these answered commands started; each node once.

    An Exec starts it, and where a node has no Exec its Add or Replace; 202 to these means a start
    in any case.
    """
    found: dict[str, WatchedNode] = {}
    for result in results:
        if result.code in _STARTS and result.command in {"Exec", "Add", "Replace"}:
            node = find_node(result.uri, profile=profile) or find_node(result.uri)
            if node is not None and _is_start(node, result):
                watched = _watched(node, result.uri)
                found.setdefault(parse_uri(watched.uri).key, watched)
    return tuple(found.values())


def _is_start(node: CspNode, result: JobResult) -> bool:
    if node.job is None:
        return False
    return result.command == "Exec" or result.code == "202" or Access.EXEC not in node.access


def _watched(node: CspNode, uri: str) -> WatchedNode:
    job = node.job
    assert job is not None
    return WatchedNode(
        uri=beside(uri, job.status),
        done=job.done,
        failed=job.failed,
        error=beside(uri, job.error) if job.error else "",
    )


def read_nodes(watched: Iterable[WatchedNode]) -> tuple[str, ...]:
    """The LocURIs to read, each node with progress before the one with the reason."""
    uris: dict[str, str] = {}
    for node in watched:
        for uri in (node.uri, node.error):
            if uri:
                uris.setdefault(parse_uri(uri).key, uri)
    return tuple(uris.values())


def progress(watched: Sequence[WatchedNode], results: Iterable[JobResult]) -> Progress:
    """What the answers to the Gets of ``read_nodes`` say; a failure goes before all else.

    A node that is gone can never tell how the work ended, so that is a failure too. Any other
    error may pass: the work is still running.
    """
    answers = {parse_uri(result.uri).key: result for result in results if result.command == "Get"}
    seen = [_progress_of(node, answers) for node in watched]
    for state in (QueueState.FAILED, QueueState.RUNNING):
        for one in seen:
            if one.state is state:
                return one
    return seen[-1] if seen else Progress(state=QueueState.DONE, words="")


def _progress_of(node: WatchedNode, answers: Mapping[str, JobResult]) -> Progress:
    answer = answers.get(parse_uri(node.uri).key)
    if answer is None:
        return Progress(state=QueueState.RUNNING, words="its progress was not read yet")
    if answer.value is None:
        words = f"Get {node.uri}: {code_text(answer)}"
        if answer.code in _GONE:
            return Progress(state=QueueState.FAILED, words=f"{words}; how it ended is not known")
        return Progress(state=QueueState.RUNNING, words=words)
    value = answer.value.strip()
    words = f"{_name(node.uri)} {value}{_meaning(node.uri, value)}"
    if value in node.failed:
        reason = answers.get(parse_uri(node.error).key) if node.error else None
        return Progress(state=QueueState.FAILED, words=words + _reason(reason))
    if value in node.done:
        return Progress(state=QueueState.DONE, words=words)
    return Progress(state=QueueState.RUNNING, words=words[:_MAX_WORDS])


_MAX_WORDS = 200
"""A device may put anything there; an outcome is one line."""


def _meaning(uri: str, value: str) -> str:
    """What the catalogue's note says of that value ("5 installed"), empty where it says nothing."""
    node = find_node(uri)
    if node is None:
        return ""
    match = re.search(rf"(?:^|, ){re.escape(value)} ([^,]+)", node.note)
    return f" ({match[1]})" if match else ""


def _reason(answer: JobResult | None) -> str:
    if answer is None or not answer.value or not answer.value.strip():
        return ""
    text = answer.value.strip()
    entries = read_code(text).entries
    known = f" ({entries[0].name or entries[0].meaning})" if len(entries) == 1 else ""
    return f", {_name(answer.uri)} {text[:_MAX_WORDS]}{known}"


def _name(uri: str) -> str:
    return uri.partition("?")[0].rstrip("/").rpartition("/")[2]


def code_text(result: JobResult) -> str:
    """A Status in words: ``404 not found``, with Windows' own code where it gave one."""
    if not result.code:
        return "no Status"
    name = status_name(result.code)
    words = f"{result.code} {name[:1].lower()}{name[1:]}".rstrip()
    return f"{words}, {result.original_error}" if result.original_error else words
