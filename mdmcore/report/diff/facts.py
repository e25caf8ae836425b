"""A fact of a step, and how the values that always differ are taken out of it.

Two devices never have the same names, nonces, times and keys. Where such a value is known it is
compared by what it is for (``{email}``, ``{certificate name}``); whether it fits stands in facts of
its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mdmcore.rules.life import Life

MAX_VALUE = 300
"""Characters of a value that are shown."""

_DISCOVERY_PREFIX = "enterpriseenrollment."
_MIN_NAME = 4
"""Shorter names occur in other words by chance."""
_GUID = re.compile(r"(?i)\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{6,12}\}?")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?|\d{8}T\d{6}Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """``value`` is for people, ``key`` what is compared. ``is_order``: the key is a list of names
    of which those that both sides have are compared in their order. ``needs_both``: what one side
    alone knows is no difference."""

    what: str
    value: str
    key: str
    is_order: bool = False
    needs_both: bool = False


class Names:
    """The names of one device and of its surroundings, and what they are called instead."""

    def __init__(self, life: Life) -> None:
        patterns = [(_pattern(name), word) for name, word in _named(life) if len(name) >= _MIN_NAME]
        self._patterns = [*patterns, (_GUID, "{guid}"), (_TIME, "{time}")]

    def key(self, text: str) -> str:
        """The text without what is this device's own."""
        for pattern, word in self._patterns:
            text = pattern.sub(word, text)
        return text

    def fact(self, what: str, value: str) -> Fact:
        """A fact whose place and value may have such names in them."""
        return Fact(what=self.key(what), value=value[:MAX_VALUE], key=self.key(value))


def relation(what: str, holds: bool | None) -> Fact:
    """Whether something fits; ``None``: not known."""
    value = "not known" if holds is None else "yes" if holds else "no"
    return Fact(what=what, value=value, key=value)


def order(what: str, names: Iterable[str]) -> Fact:
    """In which order the parts stand, each name once."""
    each = tuple(dict.fromkeys(names))
    return Fact(what=what, value=", ".join(each)[:MAX_VALUE], key="\n".join(each), is_order=True)


def _pattern(name: str) -> re.Pattern[str]:
    """The name in any spelling of a URL or of search criteria, not inside another word."""
    letters = "".join(
        re.escape(letter) if letter.isalnum() else f"(?:{re.escape(letter)}|{_escaped(letter)})"
        for letter in name
    )
    return re.compile(
        rf"(?<![A-Za-z0-9%]){letters}(?![A-Za-z0-9])|(?<=%3[Dd]){letters}(?![A-Za-z0-9])",
        re.IGNORECASE,
    )


def _escaped(letter: str) -> str:
    once = "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "replace"))
    return f"{once}|{once.replace('%', '%25')}"


def _named(life: Life) -> Iterator[tuple[str, str]]:
    """Names and their words, so that no name stands behind one that is inside it."""
    found: dict[str, str] = {}
    certificates = (life.certificate, life.previous_certificate)
    for certificate in certificates:
        if certificate is not None:
            found[certificate.thumbprint] = "{thumbprint}"
            found[f"{certificate.serial:x}"] = "{serial}"
    account = life.account.device if life.account is not None else None
    own = [
        (life.email, "{email}"),
        (life.username, "{user name}"),
        (life.device_id, "{device id}"),
        (account.user if account is not None else "", "{account name}"),
    ]
    own += [
        ((one.subject.common_name or "").rstrip("\0"), "{certificate name}")
        for one in certificates
        if one is not None
    ]
    own.append((life.email.rpartition("@")[2], "{domain}"))
    own.append((life.discovery_host.removeprefix(_DISCOVERY_PREFIX), "{domain}"))
    for name, word in own:
        found.setdefault(name, word)
    yield from sorted(found.items(), key=lambda pair: -len(pair[0]))
