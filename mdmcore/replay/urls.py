"""Where a captured request goes now: the URLs that the new server names in place of the old ones.

What the captured server named (``EnrollmentServiceUrl``, ADDR, StoreURI, a redirect) is learnt
beside what the new one names in the same place. A host of the captured server that is named again
is asked at the server under test, so that nothing is ever sent to the captured one by mistake.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from mdmcore.errors import MdmError


class NotNamedError(MdmError):
    """The new server did not name an URL where the captured one did; ``what`` it is."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the answers of the server under test name no {what}")
        self.what = what


@dataclass(frozen=True, slots=True)
class _Named:
    what: str
    url: str | None
    query: str = ""
    """That of the captured URL."""


class UrlMap:
    """``to`` is the server under test, ``captured`` are the URLs of the captured requests."""

    def __init__(self, to: str, captured: Iterable[str]) -> None:
        self._to = _split(to)
        origins = {_origin(_split(url)) for url in captured}
        # The same names are reached in another way: by a proxy, or by another address.
        self._is_same = _origin(self._to) in origins
        self._origins = frozenset(origins)
        self._named: dict[str, _Named] = {}

    def learn(self, what: str, captured: str | None, new: str | None) -> None:
        """In that place the captured server named the one, the new server the other URL."""
        if captured and captured.strip():
            base, _, query = captured.strip().partition("#")[0].partition("?")
            self._named[base] = _Named(what, (new or "").strip() or None, query)

    def hosts(self) -> tuple[tuple[str, str], ...]:
        """Host and port of the captured server and those of the new one in its place, each once;
        none where both have the same names."""
        if self._is_same:
            return ()
        found = [(_netloc(base), _netloc(one.url)) for base, one in self._named.items() if one.url]
        here = self._to.netloc.lower()
        found += [(origin, here) for origin in sorted(self._origins)]
        return tuple(dict.fromkeys(pair for pair in found if pair[0] and pair[0] != pair[1]))

    def named(self, captured: str, *, otherwise: str = "") -> str:
        """The URL that the new server has for it; NotNamedError where it should have told one.
        ``otherwise`` is what it has for such requests, if the captured one was not named."""
        asked = captured.partition("#")[0]
        base, _, query = asked.partition("?")
        found = max((key for key in self._named if _begins(base, key)), key=len, default=None)
        if found is None and otherwise:
            own = otherwise.partition("#")[0]
            joined = _joined(own.partition("?")[2], "", query)
            return f"{own.partition('?')[0]}{'?' + joined if joined else ''}"
        if found is None:
            return self._moved(asked, self._to.path.rstrip("/"))
        named = self._named[found]
        if named.url is None:
            raise NotNamedError(named.what)
        new, _, own_query = named.url.partition("#")[0].partition("?")
        joined = _joined(own_query, named.query, query)
        return f"{new}{base[len(found) :]}{'?' + joined if joined else ''}"

    def sent_to(self, url: str) -> str:
        """Where a request for that URL is sent."""
        return self._moved(url) if _origin(_split(url)) in self._origins else url

    def _moved(self, url: str, below: str = "") -> str:
        if self._is_same:
            return url
        parts = _split(url)
        path = f"{below}{parts.path or '/'}"
        return parts._replace(scheme=self._to.scheme, netloc=self._to.netloc, path=path).geturl()


def _joined(own: str, captured: str, asked: str) -> str:
    """The query of the new URL, and what the device had put behind that of the captured one."""
    known = captured.split("&")
    added = (part for part in asked.split("&") if part and part not in known)
    return "&".join((*((own,) if own else ()), *added))


def _begins(url: str, named: str) -> bool:
    rest = url[len(named) :]
    return url.startswith(named) and (not rest or rest[0] == "/" or named.endswith("/"))


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _netloc(url: str) -> str:
    return _split(url).netloc.lower().rpartition("@")[2]


def _origin(parts: SplitResult) -> str:
    netloc = parts.netloc.lower().rpartition("@")[2]
    default = {"https": ":443", "http": ":80"}.get(parts.scheme.lower(), "")
    return netloc.removesuffix(default) if default else netloc
