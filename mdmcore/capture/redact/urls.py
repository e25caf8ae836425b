"""Changes of a URL: host, user and password, values of its query, known values in its path."""

from __future__ import annotations

import re

from mdmcore.capture.redact.edits import PERCENT, Edit, EscapedText, apply_edits
from mdmcore.capture.redact.hosts import is_address
from mdmcore.capture.redact.kinds import ValueKind
from mdmcore.capture.redact.leaf import Leaf
from mdmcore.capture.redact.run import Run

_PARTS = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?:(?P<login>[^/?#@]*)@)?"
    r"(?P<host>\[[^\]/?#]*\]|[^/?#:]*)(?P<port>:\d*)?(?P<path>[^?#]*)"
    r"(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?",
    re.DOTALL,
)
_PAIR = re.compile(r"(?P<name>[^=&;]*)=(?P<value>[^&]*)")
_WEB = frozenset(
    {"http", "https", "ws", "wss", "ftp", "ldap", "ldaps", "mdm", "ms-device-enrollment"}
)


def edits(run: Run, url: str) -> list[Edit]:
    """What to change in a URL."""
    found = _PARTS.fullmatch(url)
    if found is None:
        return []
    changes: list[Edit] = []
    if found["login"]:
        changes += _login(run, found["login"], found.start("login"))
    host = found["host"]
    if host and (found["scheme"].lower() in _WEB or is_address(host.strip("[]"))):
        new = run.value(ValueKind.HOST, host)
        changes += _edit(host, new, found.start("host"), ValueKind.HOST)
    if found["path"]:
        changes += _free(run, found["path"], found.start("path"))
    for part in ("query", "fragment"):
        if found[part]:
            changes += pair_edits(run, found[part], found.start(part))
    return changes


def pair_edits(run: Run, text: str, start: int = 0) -> list[Edit]:
    """Changes of ``name=value`` pairs as in a query or a form; ``start`` is the text's offset."""
    changes: list[Edit] = []
    at = 0
    for pair in _PAIR.finditer(text):
        changes += _free(run, text[at : pair.start()], start + at)
        at = pair.end()
        value = pair["value"]
        escaped = EscapedText(value.replace("+", " ") if "+" in value else value, PERCENT)
        leaf = Leaf(name=EscapedText(pair["name"], PERCENT).plain, is_form=True)
        inner = run.leaf(leaf, escaped.plain)
        if inner:
            new = escaped.with_edits(inner)
            if "+" in value:
                new = new.replace(" ", "+")
            changes += _edit(value, new, start + pair.start("value"), inner[0].kind)
    return [*changes, *_free(run, text[at:], start + at)]


def _login(run: Run, text: str, start: int) -> list[Edit]:
    user, colon, password = text.partition(":")
    new = run.value(ValueKind.USER, user)
    if colon:
        new += colon + run.value(ValueKind.SECRET, password)
    return _edit(text, new, start, ValueKind.USER)


def _free(run: Run, text: str, start: int) -> list[Edit]:
    # Not by moving each change: an escape that is cut in two would be none.
    inner = run.free(text) if text else []
    return _edit(text, apply_edits(text, inner), start, inner[0].kind) if inner else []


def _edit(old: str, new: str, start: int, kind: ValueKind) -> list[Edit]:
    if old == new:
        return []
    return [Edit(start=start, end=start + len(old), new=new, kind=kind)]
