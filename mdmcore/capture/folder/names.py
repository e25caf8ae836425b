"""What the name of a file says: which side its message is from, and which messages belong together.

``01-request.xml`` and ``01-response.xml``; ``sync_in_3.wbxml`` and ``sync_out_3.wbxml`` (in and out
as the server sees it); ``req/7.xml`` and ``resp/7.xml``; ``5_c.txt`` and ``5_s.txt``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mdmcore.capture.messages.facts import Role

_REQUEST = "request requests req rq in input c client device phone"
_RESPONSE = "response responses resp res rsp rs answer answers reply out output s server"
_ROLES: dict[str, Role] = {
    **dict.fromkeys(_REQUEST.split(), "request"),
    **dict.fromkeys(_RESPONSE.split(), "response"),
}
_WORD = re.compile(r"[A-Za-z]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedMessage:
    """``key`` is the same for a request and its answer; a ``role`` of ``None``: not told."""

    key: str
    role: Role | None


def named(name: str) -> NamedMessage:
    """What a name below the folder says, its extension left out."""
    stem = name.rpartition(".")[0] or name
    if name.rpartition(".")[2].lower() in ("req", "request"):
        return NamedMessage(key=stem.lower(), role="request")
    if name.rpartition(".")[2].lower() in ("resp", "res", "response"):
        return NamedMessage(key=stem.lower(), role="response")
    words = _WORD.findall(_CAMEL.sub(" ", stem))
    role: Role | None = None
    rest: list[str] = []
    # The last such word counts, as in server-7-request; none is part of the key.
    for word in reversed(words):
        found = _ROLES.get(word.lower())
        if found is not None:
            role = role or found
        else:
            rest.append(str(int(word)) if word.isdecimal() and len(word) < 19 else word.lower())
    return NamedMessage(key=" ".join(reversed(rest)), role=role)
