"""Whether a server tells devices that it knows from strangers (field-problems.md 3.2).

Both send a first message without credentials, in the same form. ``mdmproxy probe`` asks so on
purpose; a capture of two devices may show it, too. How long an answer takes is not compared: one
answer of each is too few for that.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.http import Request
from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import Greeting
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.urls import endpoint

MAX_FORMS = 256
"""Forms of requests that are remembered."""

MAX_GREETINGS = 8
"""Different answers that are remembered for one form of request."""

_HMAC = "x-syncml-hmac"


def form_of(request: Request) -> tuple[str, str, str]:
    """What must be the same of two requests: DM URL, User-Agent, query."""
    return endpoint(request.url), request.headers.get("User-Agent") or "", request.query


def greeting_of(scene: Scene) -> Greeting | None:
    """How the server answered, where this is a first message without credentials."""
    asked, response = scene.decoded.request_syncml, scene.exchange.response
    if asked is None or response is None or scene.life.id is None or response.status >= 500:
        return None
    if asked.header.msg_id != "1" or asked.header.cred is not None:
        return None
    if any(session.has_unenroll for session in scene.before.sessions):
        return None
    if _HMAC in scene.exchange.request.headers:
        return None
    answered = scene.decoded.response_syncml
    words = f"HTTP {response.status}"
    if answered is not None:
        status = answered.header_status
        code = "no Status" if status is None else f"Status {status.data.strip()}"
        has_chal = status is not None and status.chal is not None
        words += f", {code} {'with' if has_chal else 'without'} Chal"
    return Greeting(
        life=scene.life.id,
        is_known=scene.life.is_enrolled,
        words=words,
        exchange=scene.exchange.id,
    )


@rule("challenge-differs-by-device", kinds={Kind.SYNCML})
def strangers_told_apart(scene: Scene) -> Iterator[Hit]:
    """A device that did not enrol here gets another answer to its first message than one that did,
    so anybody can find out which devices exist. Give both the same answer: 401 or 407 and a
    Chal."""
    here = greeting_of(scene)
    if here is None:
        return
    for other in scene.greetings.get(form_of(scene.exchange.request), ()):
        if other.is_known != here.is_known and other.words != here.words:
            known, stranger = (here, other) if here.is_known else (other, here)
            yield scene.hit(
                f"a device that is known gets {known.words}, a stranger {stranger.words}",
                part="response",
                field="status",
                evidence=f"exchanges {known.exchange} and {stranger.exchange}",
            )
            return
