"""Rules on the frame of SyncML messages and sessions (session.md 1 and 2)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.rules.content_length import counts_characters
from mdmcore.rules.decoded import BodySide, Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.text_encoding import not_utf8_at
from mdmcore.rules.truncation import Cut, cut_of
from mdmcore.rules.urls import endpoint
from mdmcore.rules.xml_place import offset_of
from mdmcore.xml import XmlProblem

# The strict parser refuses blanks inside a namespace; namespace-whitespace is about those.
_BLANK_URI = re.compile(r"xmlns\S* '(?=[^']*\s)[^']*' is not a valid URI")
_BLANK = re.compile(r"\s")
_MAX_TAG = 100
_MSG_ID = "/SyncML/SyncHdr/MsgID"


@rule("xml-not-wellformed")
def not_wellformed(scene: Scene) -> Iterator[Hit]:
    """A SOAP or SyncML body is not well-formed XML: the other side cannot parse it and the step or
    the session ends. Build the body with an XML library and escape payloads."""
    for side in scene.decoded.sides:
        # What the trace has cut was whole when it was sent.
        if side.is_xml and cut_of(scene, side) is not Cut.SURE:
            wrong = [p for p in side.problems if not _BLANK_URI.search(p.message)]
            if wrong:
                # The parser's further complaints are mostly consequences of the first.
                yield _xml_hit(scene, side, wrong[0])


def _causes(scene: Scene, side: BodySide) -> Iterator[str]:
    if _is_cut_by_length(scene, side):
        yield "content-length-counts-characters"
    if scene.decoded.kind is Kind.SYNCML and not_utf8_at(side) is not None:
        yield "wrong-charset"
    if cut_of(scene, side) is Cut.MAYBE:
        yield "capture-message-truncated"


def _is_cut_by_length(scene: Scene, side: BodySide) -> bool:
    exchange = scene.exchange
    message = exchange.request if side.part == "request" else exchange.response
    return (
        exchange.verbatim
        and message is not None
        and counts_characters(message.headers, message.body, is_broken_xml=True)
    )


def _xml_hit(scene: Scene, side: BodySide, problem: XmlProblem) -> Hit:
    who = "request" if side.part == "request" else "answer"
    read_on = "" if side.root is not None else "; nothing of it could be read"
    # Lines and columns are of the body as parsed: behind the blanks that a text log put there.
    text = side.body[side.skipped :]
    at = offset_of(text, problem.line, problem.column)
    return scene.hit(
        f"the {who} is not well-formed XML: {problem.message}{read_on}",
        part=side.part,
        offset=side.skipped + at,
        line=problem.line,
        column=problem.column,
        evidence=_tag_at(text, at) or problem.message,
        caused_by=tuple(_causes(scene, side)),
    )


def _tag_at(text: bytes, at: int) -> str:
    """The tag around an offset; no text between tags, which may be a secret."""
    start = text.rfind(b"<", 0, at)
    if start < 0 or text.find(b">", start, max(start, at - 1)) >= 0:
        return ""
    end = text.find(b">", at)
    tag = text[start : end + 1 if 0 <= end < start + _MAX_TAG else start + _MAX_TAG]
    return " ".join(tag.decode("utf-8", "replace").split())


@rule("wrong-namespace", kinds={Kind.SYNCML})
def wrong_namespace(scene: Scene) -> Iterator[Hit]:
    """An element of a SyncML message is not in its namespace, most often a child of Meta outside
    syncml:metinf: the device ignores it or answers 400 or 415. Use the exact namespaces."""
    for side in scene.decoded.sides:
        for name in side.syncml.foreign if side.syncml is not None else ():
            if _BLANK.search(name.namespace):  # namespace-whitespace is about that
                continue
            yield scene.hit(
                f"{name.name} is in namespace {name.namespace!r}, not {name.expected!r}",
                part=side.part,
                xpath=name.place,
                evidence=name.namespace,
            )


@rule("server-msgid-not-increasing", kinds={Kind.SYNCML})
def server_msgid_not_increasing(scene: Scene) -> Iterator[Hit]:
    """The server's MsgID is the same as, or lower than, that of its message before in the session:
    the device sends its message once more and drops the session. Count up by one."""
    asked, answered = scene.decoded.request_syncml, scene.decoded.response_syncml
    if asked is None or answered is None:
        return
    session = next(iter(scene.life.sessions[-1:]), None)
    before = next(
        (s for s in reversed(scene.before.sessions) if s.session_id == asked.header.session_id),
        None,
    )
    # A session that begins with this message, and a message sent again, have no message before.
    if before is None or session is None or session.messages <= 1:
        return
    if before.client_msg_id == asked.header.msg_id or not before.server_msg_id:
        return
    now, last = answered.header.msg_id, before.server_msg_id
    is_lower = now.isdecimal() and last.isdecimal() and int(now) < int(last)
    if now == last or is_lower:
        yield scene.hit(
            f"the server's MsgID is {now} after {last} in session {asked.header.session_id}",
            part="response",
            xpath=_MSG_ID,
            evidence=now,
        )


@rule("server-msgid-first-unexpected", kinds={Kind.SYNCML})
def server_msgid_first_unexpected(scene: Scene) -> Iterator[Hit]:
    """The first MsgID of the server in a session is neither 1 nor the device's plus one, which are
    what the sources show; no effect is known. Start at 1."""
    asked, answered = scene.decoded.request_syncml, scene.decoded.response_syncml
    if asked is None or answered is None or asked.header.msg_id != "1":
        return
    found = answered.header.msg_id
    if found not in {"1", "2"}:
        yield scene.hit(
            f"the server's first MsgID is {found or 'missing'}, neither 1 nor 2",
            part="response",
            xpath=_MSG_ID if found else "/SyncML/SyncHdr",
            evidence=found,
        )


@rule("server-msgid-mirrored", kinds={Kind.SYNCML})
def server_msgid_mirrored(scene: Scene) -> Iterator[Hit]:
    """The server's MsgID always equals the device's. Sources disagree: the OMA and Microsoft
    samples do it, while comment 18 of the WSDevSol blog says that the server answers MsgID 1 with
    2, after a phone had dropped such a session. Nothing to do unless a phone drops sessions."""
    if any(s.is_mirrored and s.messages >= 2 for s in scene.before.sessions):
        return
    for session in scene.life.sessions:
        if session.is_mirrored and session.messages >= 2:
            yield scene.hit(
                "the server's MsgID always equals the device's; the blog's comment 18 says that "
                "the server answers MsgID 1 with 2, the OMA samples answer 1 with 1",
                part="response",
                xpath=_MSG_ID,
                evidence=session.server_msg_id,
            )
            return


@rule("dm-post-not-to-addr", kinds={Kind.SYNCML})
def post_not_to_addr(scene: Scene) -> Iterator[Hit]:
    """The device posts its SyncML to another URL than the ADDR of its provisioning document, which
    is where a device contacts its server. Put the real URL into ADDR, or send RespURI."""
    if not scene.before.addr:
        return
    url = endpoint(scene.exchange.request.url)
    if url not in {endpoint(known) for known in scene.before.dm_urls}:
        yield scene.hit(
            f"SyncML was posted to {scene.exchange.request.url.partition('?')[0]}, "
            f"ADDR is {scene.before.addr}",
            part="request",
            field="url",
            evidence=scene.exchange.request.url.partition("?")[0],
        )
