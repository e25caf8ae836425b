"""Judging a value for a node before it is sent, and as a device judges it when it arrives.

Formats as in MetInf (session.md 2.4); ranges from the catalogue.
"""

from __future__ import annotations

import re

from mdmcore.base64_text import decode_base64
from mdmcore.csp.model import Access, CspNode

_INTEGER = re.compile(r"-?[0-9]{1,19}\Z")
_FLOAT = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z")
_BOOLEANS = frozenset({"true", "false", "True", "False"})
_COMMANDS = {
    "Add": Access.ADD,
    "Get": Access.GET,
    "Replace": Access.REPLACE,
    "Delete": Access.DELETE,
    "Exec": Access.EXEC,
}


def command_problem(node: CspNode, command: str) -> str | None:
    """Why a command is not allowed on the node; ``None`` when it is."""
    needed = _COMMANDS.get(command)
    if needed is not None and needed in node.access:
        return None
    names = [name for name, access in _COMMANDS.items() if access in node.access]
    return f"{node.uri} does not allow {command}, only {', '.join(names) or 'nothing'}"


def format_problem(node: CspNode, format: str | None) -> str | None:
    """Why the Meta Format is wrong; ``None`` when it is allowed (missing means ``chr``)."""
    given = format or "chr"
    if given in node.formats:
        return None
    return f"{node.uri} is {' or '.join(node.formats)}, not {given}"


def value_problem(node: CspNode, value: str, *, format: str | None = None) -> str | None:
    """Why the value does not fit format or range; ``None`` when it does.

    ``format`` is the one that it is sent in, of several that the node allows.
    """
    format_ = format if format in node.formats else node.formats[0]
    problem = _text_problem(format_, value)
    if problem is not None:
        return f"{node.uri}: {problem}"
    if node.values and value not in node.values:
        return f"{node.uri}: {value!r} is none of {', '.join(node.values)}"
    if node.minimum is not None or node.maximum is not None:
        number = int(value)
        low, high = node.minimum, node.maximum
        if (low is not None and number < low) or (high is not None and number > high):
            return f"{node.uri}: {number} is not within {_bound(low)} to {_bound(high)}"
    if node.pattern and not re.fullmatch(node.pattern, value):
        return f"{node.uri}: {value[:60]!r} is not of the form {node.pattern}"
    return None


def limits(node: CspNode) -> str:
    """What the node allows, in words that follow "must be"."""
    if node.values:
        return _one_of(node.values)
    if node.minimum is not None or node.maximum is not None:
        return bounds(node.minimum, node.maximum)
    if node.pattern:
        return f"of the form {node.pattern}"
    return _FORMAT_WORDS.get(node.formats[0], f"a value of format {node.formats[0]}")


_FORMAT_WORDS = {
    "int": "an integer",
    "bool": "true or false",
    "float": "a number",
    "b64": "base64",
    "bin": "base64",
}


def _one_of(values: tuple[str, ...]) -> str:
    """``0 or 4 to 16``, ``IMAP4 or POP3``: neighbouring numbers become a range."""
    runs: list[list[str]] = []
    for value in values:
        follows = bool(runs) and value.isdecimal() and runs[-1][-1].isdecimal()
        if follows and int(value) == int(runs[-1][-1]) + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    words: list[str] = []
    for run in runs:
        words += [f"{run[0]} to {run[-1]}"] if len(run) > 2 else run
    return " or ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _text_problem(format_: str, value: str) -> str | None:
    if format_ == "int" and not _INTEGER.match(value):
        return f"{value[:40]!r} is not an integer"
    if format_ == "bool" and value not in _BOOLEANS:
        return f"{value[:40]!r} is neither true nor false"
    if format_ == "float" and not _FLOAT.match(value):
        return f"{value[:40]!r} is not a number"
    if format_ in {"b64", "bin"} and decode_base64(value) is None:
        return "the value is not base64"
    if format_ in {"node", "null"} and value.strip():
        return f"a node of format {format_} has no value"
    return None


def bounds(low: int | None, high: int | None) -> str:
    """``4 to 18`` in words, where one end may be open."""
    if high is None:
        return f"{low} or more"
    return f"{high} or less" if low is None else f"{low} to {high}"


def _bound(number: int | None) -> str:
    return "any" if number is None else str(number)
