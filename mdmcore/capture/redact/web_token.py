"""JSON, and the JSON Web Tokens made of it: texts are changed where they stand (RFC 7519)."""

from __future__ import annotations

import base64
import binascii

from mdmcore.capture.redact import patterns
from mdmcore.capture.redact.edits import JSON_TEXT, Edit, EscapedText, apply_edits
from mdmcore.capture.redact.kinds import ValueKind
from mdmcore.capture.redact.leaf import Leaf
from mdmcore.capture.redact.run import Run

_PERSONAL_CLAIMS = {
    "name": ValueKind.NAME,
    "sub": ValueKind.TOKEN,
    "ipaddr": ValueKind.ADDRESS,
    "puid": ValueKind.TOKEN,
    "onprem_sid": ValueKind.TOKEN,
}


def json_edits(run: Run, text: str, *, is_token: bool = False) -> list[Edit]:
    """Changes of the strings in a JSON text, by the names that they have."""
    changes: list[Edit] = []
    name = ""
    for found in patterns.JSON_STRING.finditer(text):
        if found[2] is not None:
            name = found[1]
            continue
        escaped = EscapedText(found[1], JSON_TEXT)
        kind = _PERSONAL_CLAIMS.get(name) if is_token else None
        if kind is not None:
            new = run.value(kind, escaped.plain)
            whole = Edit(start=0, end=len(escaped.plain), new=new, kind=kind)
            inner = [whole] if new != escaped.plain else []
        else:
            inner = run.leaf(Leaf(name=name, is_form=True), escaped.plain)
        if inner:
            raw = escaped.with_edits(inner)
            start, end = found.span(1)
            changes.append(Edit(start=start, end=end, new=raw, kind=inner[0].kind))
    return changes


def jwt_replaced(run: Run, token: str) -> str | None:
    """A token with other claims and a signature that is none; ``None`` where it is no JWT."""
    header, claims, signature = token.split(".")
    plain = _decoded(claims)
    if plain is None or _decoded(header) is None:
        return None
    changes = json_edits(run, plain, is_token=True)
    if run.is_learning:
        run.known.add(ValueKind.TOKEN, signature)
        return token
    run.tally.count(ValueKind.TOKEN)
    new = apply_edits(plain, changes) if changes else plain
    packed = claims if new == plain else _encoded(new)
    return ".".join((header, packed, run.pseudonyms.shaped(ValueKind.TOKEN, signature)))


def _decoded(part: str) -> str | None:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        return None


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode().rstrip("=")
