"""The explained form of an exchange: its decoded parts as a tree of names and values.

What stands in it, and what is masked, is the inspector's decision; here it is laid out and bounded,
and what was found to be a secret in the body itself is masked, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mdmcore.inspector.masked_xml import scrubbed
from mdmcore.inspector.masking import MASKED

MAX_NODES = 300
"""Names and values of one side that are shown."""
MAX_DEPTH = 12
_MAX_VALUE = 600
_NAMES = {
    "csr": "CSR",
    "rst": "RST",
    "rstrc": "RSTRC",
    "soap": "SOAP",
    "syncml": "SyncML",
    "wab": "sign-in",
    "wbxml": "WBXML",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A name with its value, or with what is below it."""

    name: str
    value: str = ""
    below: tuple[Fact, ...] = ()


@dataclass(slots=True)
class _Budget:
    left: int
    secrets: tuple[str, ...]
    passed_over: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The facts of one side; ``more`` counts those that are left out."""

    facts: tuple[Fact, ...]
    more: int = 0


def explained(decoded: Mapping[str, Any], secrets: tuple[str, ...] = ()) -> Explained:
    """The tree of one side's decoded parts, without these secrets."""
    budget = _Budget(left=MAX_NODES, secrets=secrets)
    return Explained(facts=tuple(_below(decoded, budget, 0)), more=budget.passed_over)


def _below(value: object, budget: _Budget, depth: int) -> Iterator[Fact]:
    if isinstance(value, Mapping):
        pairs = [(_words(str(name)), each) for name, each in value.items()]
    elif isinstance(value, Sequence) and not isinstance(value, str):
        pairs = [(_title(each, number), each) for number, each in enumerate(value, 1)]
    else:
        pairs = []
    for name, each in pairs:
        if each is None or each in ("", [], {}):
            continue
        if budget.left <= 0:
            budget.passed_over += 1
            continue
        budget.left -= 1
        fact = _fact(name, each, budget, depth)
        yield replace(fact, value=_masked(fact.value, budget.secrets)) if fact.value else fact


def _fact(name: str, value: object, budget: _Budget, depth: int) -> Fact:
    if isinstance(value, Mapping) and depth < MAX_DEPTH:
        return _mapping(name, value, budget, depth)
    if isinstance(value, Sequence) and not isinstance(value, str) and depth < MAX_DEPTH:
        if all(not isinstance(each, Mapping | list | tuple) for each in value):
            return Fact(name=name, value=_text(", ".join(_text(each) for each in value)))
        return Fact(name=name, below=tuple(_below(value, budget, depth + 1)))
    return Fact(name=name, value=_text(value))


def _mapping(name: str, value: Mapping[str, Any], budget: _Budget, depth: int) -> Fact:
    rest = dict(value)
    if "command" in rest:
        for shown in ("command", "cmd_id"):
            rest.pop(shown, None)
        head = _command_value(rest)
        return Fact(name=name, value=head, below=tuple(_below(rest, budget, depth + 1)))
    if set(rest) == {"name", "value"}:
        return Fact(name=_text(rest["name"]), value=_text(rest["value"]))
    uri = rest.get("target") or rest.get("source")
    if isinstance(uri, str) and set(rest) <= {"target", "source", "data", "meta"}:
        rest.pop("target" if rest.get("target") else "source")
        data = rest.pop("data", "")
        return Fact(name=uri, value=_text(data), below=tuple(_below(rest, budget, depth + 1)))
    return Fact(name=name, below=tuple(_below(rest, budget, depth + 1)))


def _command_value(rest: dict[str, Any]) -> str:
    """What a command is about in one line, taken out of the rest."""
    words = [str(rest.pop(key)) for key in ("code", "data") if rest.get(key)]
    words += [str(rest.pop(key)) for key in ("name", "meaning") if rest.get(key)]
    cmd = rest.pop("cmd", "")
    ref = rest.pop("cmd_ref", "")
    message = rest.pop("msg_ref", "")
    if cmd or ref:
        about = f"for {cmd or 'command'} {ref}".rstrip()
        words.append(f"({about} of message {message})" if message else f"({about})")
    return _text(" ".join(words))


def _title(value: object, number: int) -> str:
    if isinstance(value, Mapping) and "command" in value:
        return f"{value['command']} {value.get('cmd_id', '')}".rstrip()
    return str(number)


def _words(name: str) -> str:
    return _NAMES.get(name) or name.replace("_", " ")


def _masked(value: str, secrets: tuple[str, ...]) -> str:
    """The value without these secrets, of which it may hold no more than the beginning."""
    if not secrets:
        return value
    beginning = value.partition("…")[0].removesuffix("...").strip()
    is_cut = len(beginning) >= _MAX_VALUE // 2
    if is_cut and any(secret.startswith(beginning) for secret in secrets):
        return MASKED
    return scrubbed(value, secrets)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return text if len(text) <= _MAX_VALUE else f"{text[:_MAX_VALUE]}… ({len(text)} characters)"
