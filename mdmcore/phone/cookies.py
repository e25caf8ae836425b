"""The cookies of a sign-in: kept from page to page, sent where they belong (RFC 6265 section 5).

Only what decides whether a server sees its own cookie again: domain, path, end. They live as long
as the sign-in, and all of it is HTTPS.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from mdmcore.http import Response

_MAX_COOKIES = 100
_MAX_CHARACTERS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cookie:
    """One cookie; ``is_host_only`` when it named no domain."""

    name: str
    value: str = field(repr=False)
    domain: str
    path: str
    is_host_only: bool

    @property
    def place(self) -> tuple[str, str, str]:
        """What another cookie must have in common to replace this one."""
        return self.domain, self.path, self.name

    def is_for(self, host: str, path: str) -> bool:
        """Whether a request for that host and path carries it."""
        if host != self.domain and (self.is_host_only or not host.endswith(f".{self.domain}")):
            return False
        prefix = self.path.rstrip("/")
        return path == self.path or path == prefix or path.startswith(f"{prefix}/")


class Cookies:
    """The jar of one sign-in, at most 100 cookies of 4096 characters."""

    def __init__(self) -> None:
        self._jar: dict[tuple[str, str, str], _Cookie] = {}

    def take(self, url: str, response: Response, now: datetime) -> None:
        """Keep what the answer to ``url`` sets, and forget what it ends."""
        for text in response.headers.get_all("Set-Cookie"):
            cookie, has_ended = _read(text, url, now)
            if cookie is None:
                continue
            if has_ended:
                self._jar.pop(cookie.place, None)
            elif cookie.place in self._jar or len(self._jar) < _MAX_COOKIES:
                self._jar[cookie.place] = cookie

    def header(self, url: str) -> str | None:
        """The Cookie header for ``url``, the longest path first; ``None`` without one."""
        parts = urlsplit(url)
        host, path = (parts.hostname or "").lower(), parts.path or "/"
        found = [cookie for cookie in self._jar.values() if cookie.is_for(host, path)]
        found.sort(key=lambda cookie: -len(cookie.path))
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in found) or None


def _read(text: str, url: str, now: datetime) -> tuple[_Cookie | None, bool]:
    """The cookie of a Set-Cookie, ``None`` for none that is taken; and whether it has ended."""
    pair, *rest = text.split(";")
    name, equals, value = pair.partition("=")
    is_plain = pair.isascii() and pair.isprintable() and len(pair) <= _MAX_CHARACTERS
    if not equals or not name.strip() or not is_plain:
        return None, False
    attributes = {}
    for part in rest:
        key, _, given = part.partition("=")
        attributes[key.strip().lower()] = given.strip()
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    domain = attributes.get("domain", "").lower().removeprefix(".")
    if domain and (not f".{host}".endswith(f".{domain}") or "." not in domain):
        return None, False
    path = attributes.get("path", "")
    if not path.startswith("/"):
        path = (parts.path or "/").rpartition("/")[0] or "/"
    cookie = _Cookie(
        name=name.strip(),
        value=value.strip(),
        domain=domain or host,
        path=path,
        is_host_only=not domain,
    )
    return cookie, _has_ended(attributes, now)


def _has_ended(attributes: dict[str, str], now: datetime) -> bool:
    """Max-Age before Expires; one that cannot be read does not end anything."""
    age = attributes.get("max-age", "")
    if age.removeprefix("-").isdecimal() and age.isascii():
        return age.startswith("-") or not age.strip("0")
    try:
        end = parsedate_to_datetime(attributes.get("expires", ""))
    except ValueError:
        return False
    return (end if end.tzinfo is not None else end.replace(tzinfo=UTC)) <= now
