"""One event as its log has it, and what it tells: names of device, user, server and enrolment."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from mdmcore.codes import read_codes
from mdmcore.observation import MAX_TEXT, Observation

PROVIDER = "Microsoft-Windows-DeviceManagement-Enterprise-Diagnostics-Provider"

WORDS = re.compile(
    r"(?i)\b(?:MDM (?:Session|Enroll|Unenroll|ConfigurationManager|PolicyManager|Push|Declared)"
    r"|Auto MDM Enroll|OMA-?DM\b|MENROLL_E_|DMClient|SyncML|device enrol?lment)"
)
"""Words that a device's MDM log has and others do not."""

_PROVIDERS = re.compile(
    r"(?i)DeviceManagement|ModernDeployment|User Device Registration|OmaDm|Provisioning-Diagnostics"
)
_LEVELS = MappingProxyType(
    {"1": "critical", "2": "error", "3": "warning", "4": "information", "0": "information"}
)
_URL = re.compile(r"(?i)\bhttps?://([^\s/:?#)\]}\"'<>,;]{1,255})")
_QUERY = re.compile(r"(?i)(https?://[^\s?()\"'<>]{1,2000})\?[^\s()\"'<>]+")
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_GUID = r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
_ENROLLMENT = re.compile(
    rf"(?i)(?:Enrollment\s?ID|Configuration Source ID)[\s:=({{\"']{{0,6}}({_GUID})"
)
_SESSION = re.compile(r"(?i)SessionID:?\s*\(?(0x[0-9a-f]{1,8}|[0-9a-f]{1,8})\b")
_ELSEWHERE = re.compile(r"(?i)(?:^|\.)(?:schemas\.microsoft\.com|w3\.org|go\.microsoft\.com)$")
_MAX_NAMES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """``provider`` or channel, number, level (a word or a number), message, computer, and when: a
    text with its zone or without."""

    text: str
    provider: str = ""
    number: int | None = None
    level: str = ""
    computer: str = ""
    time: str = ""

    @property
    def is_of_mdm(self) -> bool:
        """Whether it is about device management: by who wrote it, its words, or a known code."""
        if _PROVIDERS.search(self.provider) or WORDS.search(self.text):
            return True
        return not self.provider and bool(known_codes(self.text))


def known_codes(text: str) -> tuple[str, ...]:
    """The result codes (HRESULT) in a text that our table explains."""
    return tuple(
        code.text
        for code in read_codes(text)
        if code.value is not None and code.value > 0xFFFF and code.entries
    )


def observed(event: Event) -> tuple[Observation, datetime | None]:
    """What the event tells, and when that was, where its time has a zone."""
    text = without_secrets(event.text)
    moment = moment_of(event.time)
    session = _SESSION.search(text)
    return Observation(
        source=event.provider or "pasted text",
        text=" ".join(text.split())[:MAX_TEXT],
        event=event.number,
        level=level_of(event.level),
        session=session[1] if session is not None else "",
        device=event.computer.strip()[:255],
        users=_distinct(found.lower() for found in _EMAIL.findall(text)),
        hosts=hosts_in(text),
        enrollments=_distinct(found.upper() for found in _ENROLLMENT.findall(text)),
        local_time=event.time.strip()[:60] if moment is None else "",
    ), moment


def hosts_in(text: str) -> tuple[str, ...]:
    """The hosts of the URLs in a text, namespaces and help pages left out."""
    found = (host.lower().rstrip(".") for host in _URL.findall(text))
    return _distinct(host for host in found if host and not _ELSEWHERE.search(host))


def without_secrets(text: str) -> str:
    """The text without queries of URLs and without tokens, which may let others in."""
    return _JWT.sub("***", _QUERY.sub(r"\1?***", text))


def level_of(word: str) -> str:
    """The level in lower case; numbers are those of the event schema."""
    word = word.strip().lower()
    return _LEVELS.get(word, word[:40])


def moment_of(text: str) -> datetime | None:
    """A time that has its zone; ``None`` for one of which nobody knows where that was."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return None if found.tzinfo is None else found.astimezone(UTC)


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))[:_MAX_NAMES]
