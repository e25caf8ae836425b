"""The values of a schedule as words of the command line, made into the document that says them.

So values are read and judged by the code that reads documents, as everything else is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from mdmcore.errors import ConfigError
from mdmcore.namespaces import OMA_DM_RETRY_KEY
from mdmcore.phone.schedule_branch import SET_NAMES
from mdmcore.profiles import PROFILES, PollScheme

_SCHEMES = {
    name.lower(): (scheme, name)
    for scheme, sets in SET_NAMES.items()
    for pair in sets
    for name in pair
}
_MAX_DIGITS = 10
"""More a device does not read."""
_PROVIDER = "values"


def is_value(word: str) -> bool:
    """Whether the word is ``NAME=...`` and no path."""
    name, sign, _ = word.partition("=")
    return bool(sign) and name.isalnum() and name.isascii()


def document_of(words: Sequence[str], *, profile: str) -> bytes:
    """A document with these values alone, under the registry key of that profile.

    ConfigError for a name that is none, a value that is no number, and both ways mixed.
    """
    schemes: set[PollScheme] = set()
    values: dict[str, int] = {}
    for word in words:
        scheme, name, number = _value(word)
        if name in values:
            raise ConfigError(f"{name} is given twice")
        schemes.add(scheme)
        values[name] = number
    if len(schemes) > 1:
        raise ConfigError("names of OmaDmRetry and of Poll cannot be mixed: give one kind")
    (scheme,) = schemes
    return _document(scheme, values, profile)


def _value(word: str) -> tuple[PollScheme, str, int]:
    typed, _, text = word.partition("=")
    found = _SCHEMES.get(typed.lower())
    if found is None:
        near = get_close_matches(typed.lower(), _SCHEMES, n=3, cutoff=0.5)
        meant = ", ".join(_SCHEMES[name][1] for name in near or _SCHEMES)
        raise ConfigError(f"{typed} is no value of a schedule, use {meant}")
    if not (text.isascii() and text.isdigit()) or len(text) > _MAX_DIGITS:
        raise ConfigError(f"{found[1]} is {text!r}, and must be a whole number, 0 or more")
    return *found, int(text)


def _document(scheme: PollScheme, values: Mapping[str, int], profile: str) -> bytes:
    parms = "".join(
        f'<parm name="{name}" value="{value}" datatype="integer"/>'
        for name, value in values.items()
    )
    if scheme is PollScheme.REGISTRY:
        device = PROFILES.get(profile)
        key = device.retry_key if device is not None else ""
        path: tuple[str, ...] = ("Registry", key or OMA_DM_RETRY_KEY)
    else:
        path = ("DMClient", "Provider", _PROVIDER, "Poll")
    opened = "".join(f'<characteristic type="{name}">' for name in path)
    closed = "</characteristic>" * len(path)
    return (
        f'<wap-provisioningdoc version="1.1">{opened}{parms}{closed}</wap-provisioningdoc>'.encode()
    )
