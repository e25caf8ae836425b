"""The values that a person gives to a recipe: judged and made uniform, by kind of parameter.

What a node of the catalogue allows is judged where its command is made. Each error names the
parameter, what is allowed, and what was given instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mdmcore.csp.check import bounds
from mdmcore.csp.recipes.model import Kind, Parameter, Recipe
from mdmcore.errors import ConfigError

MAX_TEXT = 4096
"""Characters of a value that is not a file: more than any node of a CSP is documented to hold."""
MAX_FILE = 4 * 1024 * 1024
"""Characters of a file's text or base64: above any ADMX file, and a device takes less."""
_MAX_NAME = 255
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Values:
    """Values that were judged, those with a default filled in. Absent ones are not there."""

    texts: Mapping[str, str]

    def __contains__(self, name: str) -> bool:
        return name in self.texts

    def text(self, name: str) -> str:
        """The value of a parameter that is required or has a default."""
        return self.texts[name]

    def get(self, name: str) -> str | None:
        """The value, ``None`` where none was given."""
        return self.texts.get(name)

    def flag(self, name: str) -> bool:
        """Whether a switch is on; off where it was not given."""
        return self.texts.get(name) == "yes"

    @property
    def command(self) -> str:
        """Add or Replace, as the parameter ``command`` says."""
        return self.texts.get("command", "add").capitalize()

    @property
    def is_for_user(self) -> bool:
        """Whether the parameter ``scope`` says so."""
        return self.texts.get("scope") == "user"

    def items(self, name: str) -> tuple[str, ...]:
        """The parts of a list, none where it was not given."""
        text = self.texts.get(name)
        return tuple(text.split(",")) if text else ()

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """Names and values of assignments."""
        return tuple(_pairs(self.texts.get(name, "")))


def check_values(recipe: Recipe, given: Mapping[str, str], *, profile: str) -> Values:
    """All values of a recipe. Raises ConfigError for unknown, missing and wrong ones."""
    known = {each.name: each for each in recipe.parameters}
    for name in given:
        if name not in known:
            raise ConfigError(f"{recipe.name} takes no {name!r}; {_taken(recipe, profile)}")
    texts: dict[str, str] = {}
    for name, each in known.items():
        text = given.get(name, each.default)
        if not text:
            if each.required and (not each.profiles or profile in each.profiles):
                raise ConfigError(f"{recipe.name} needs {name}: {each.help}")
            if name in given:
                raise ConfigError(f"{name} must not be empty")
            continue
        if each.profiles and profile not in each.profiles:
            if name in given:
                raise ConfigError(f"{name} is for {' and '.join(each.profiles)}, not for {profile}")
            continue
        texts[name] = check_value(each, text)
    return Values(MappingProxyType(texts))


def check_value(parameter: Parameter, text: str) -> str:
    """The value in its uniform spelling. Raises ConfigError."""
    # Imported here: it brings the XML parser, which listing the recipes does not need.
    from mdmcore.xml.characters import NOT_XML

    limit = MAX_FILE if parameter.file else MAX_TEXT
    if len(text) > limit:
        raise ConfigError(f"{parameter.name} must have {limit} characters at most")
    if bad := NOT_XML.search(text):
        code = f"U+{ord(bad.group()):04X}"
        raise ConfigError(f"{parameter.name} has a character that no message can carry ({code})")
    check = _CHECKS[parameter.kind]
    if not parameter.is_list:
        return check(parameter, text)
    return ",".join(check(parameter, part.strip()) for part in text.split(","))


def wrong(parameter: Parameter | str, allowed: str, text: str) -> ConfigError:
    """The error for a value: what it must be, and what it is; a secret is not repeated."""
    name = parameter if isinstance(parameter, str) else parameter.name
    if isinstance(parameter, Parameter) and parameter.is_secret:
        return ConfigError(f"{name} must be {allowed}")
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    return ConfigError(f"{name} must be {allowed}, not {shown!r}")


def _taken(recipe: Recipe, profile: str) -> str:
    names = [e.name for e in recipe.parameters if not e.profiles or profile in e.profiles]
    return f"it takes {', '.join(names)}" if names else "it takes no values"


def _text(parameter: Parameter, text: str) -> str:
    low, high = parameter.minimum, parameter.maximum
    if (low is not None and len(text) < low) or (high is not None and len(text) > high):
        raise wrong(parameter, f"{bounds(low, high)} characters", text)
    return text


def _name(parameter: Parameter, text: str) -> str:
    # session.md 2.3: not empty, not just *, a dot segment only at the beginning.
    if text != text.strip() or text in {".", "..", "*"} or not text.isprintable():
        raise wrong(parameter, "a name, without blanks around it", text)
    if len(text) > (parameter.maximum or _MAX_NAME):
        raise wrong(parameter, f"{parameter.maximum or _MAX_NAME} characters at most", text)
    return text


def _integer(parameter: Parameter, text: str) -> str:
    low, high = parameter.minimum, parameter.maximum
    allowed = "an integer" if low is None and high is None else bounds(low, high)
    if not re.fullmatch(r"-?[0-9]{1,10}", text):
        raise wrong(parameter, allowed, text)
    number = int(text)
    if (low is not None and number < low) or (high is not None and number > high):
        raise wrong(parameter, allowed, text)
    return str(number)


_SWITCHES = {"yes": "yes", "on": "yes", "true": "yes", "no": "no", "off": "no", "false": "no"}


def _switch(parameter: Parameter, text: str) -> str:
    found = _SWITCHES.get(text.lower())
    if found is None:
        raise wrong(parameter, "yes or no", text)
    return found


def _choice(parameter: Parameter, text: str) -> str:
    if text not in parameter.values:
        raise wrong(parameter, f"one of {', '.join(parameter.values)}", text)
    return text


_GUID = re.compile(r"\{?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}?")


def _guid(parameter: Parameter, text: str) -> str:
    found = _GUID.fullmatch(text)
    if found is None or text.startswith("{") != text.endswith("}"):
        raise wrong(parameter, "a GUID such as 12345678-90AB-CDEF-1234-567890ABCDEF", text)
    return found[1]


def _url(parameter: Parameter, text: str) -> str:
    # Not urlsplit alone, which takes nearly any text.
    if not re.fullmatch(r"https?://[^\s/?#\\]+(?:[/?#][^\s\\]*)?", text) or not text.isprintable():
        raise wrong(parameter, "an http or https address", text)
    return text


_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\]"
_HOST_PORT = re.compile(rf"(?:{_HOST})(?::([0-9]{{1,5}}))?")


def _host(parameter: Parameter, text: str) -> str:
    found = _HOST_PORT.fullmatch(text)
    if found is None or (found[1] is not None and not 1 <= int(found[1]) <= 65535):
        raise wrong(parameter, "a host or host:port", text)
    return text


def _version(parameter: Parameter, text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9}){0,3}", text):
        raise wrong(parameter, "one to four numbers with dots between", text)
    return text


def _ports(parameter: Parameter, text: str) -> str:
    for part in text.split(","):
        low, _, high = part.partition("-")
        ends = [low, high] if "-" in part else [low]
        numbers = [int(end) for end in ends if re.fullmatch(r"[0-9]{1,5}", end)]
        if len(numbers) != len(ends) or numbers != sorted(numbers) or numbers[-1] > 65535:
            raise wrong(parameter, "ports and ranges such as 80,8000-8080", text)
    return text


def _date_time(parameter: Parameter, text: str) -> str:
    from datetime import datetime

    form = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})?"
    try:
        if not re.fullmatch(form, text, re.ASCII):
            raise ValueError
        datetime.fromisoformat(text)
    except ValueError:
        raise wrong(parameter, "a date and time such as 2026-11-30T22:00:00Z", text) from None
    return text


def _hex(digits: int) -> Callable[[Parameter, str], str]:
    def check(parameter: Parameter, text: str) -> str:
        packed = re.sub(r"[\s:]", "", text)
        if not re.fullmatch(rf"[0-9A-Fa-f]{{{digits}}}", packed):
            raise wrong(parameter, f"{digits} hexadecimal digits", text)
        return packed.upper()

    return check


_ASSIGNMENTS = "NAME=VALUE, with ; between several and ;; for a semicolon"


def _assignments(parameter: Parameter, text: str) -> str:
    seen: set[str] = set()
    for name, value in _pairs(text):
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]{0,254}", name) or not value:
            raise wrong(parameter, _ASSIGNMENTS, text)
        if name in seen:
            raise ConfigError(f"{parameter.name} names {name} twice")
        seen.add(name)
    if not seen:
        raise wrong(parameter, _ASSIGNMENTS, text)
    return text


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for part in re.findall(r"(?:[^;]|;;)+", text):
        if part.strip():
            name, _, value = part.partition("=")
            yield name.strip(), value.strip().replace(";;", ";")


def _xml(parameter: Parameter, text: str) -> str:
    from mdmcore.csp.payload import payload_root

    if payload_root(text) is None:
        raise wrong(parameter, "a well-formed XML document", text)
    return text


def _binary(parameter: Parameter, text: str) -> str:
    from mdmcore.base64_text import decode_base64, encode_base64

    data = decode_base64(text)
    if not data:
        raise wrong(parameter, "base64, or @PATH of a file", text)
    return encode_base64(data)


def _certificate(parameter: Parameter, text: str) -> str:
    from mdmcore.csp.recipes.payloads import certificate_of

    certificate = certificate_of(text)
    if certificate is None:
        raise wrong(parameter, "a certificate in DER or PEM", text)
    return certificate


def _token(parameter: Parameter, text: str) -> str:
    from mdmcore.csp.recipes.payloads import token_of

    token = token_of(text)
    if token is None:
        raise wrong(parameter, "base64 of a token, or @PATH of an .aetx file", text)
    return token


_CHECKS: Mapping[Kind, Callable[[Parameter, str], str]] = MappingProxyType(
    {
        Kind.TEXT: _text,
        Kind.NAME: _name,
        Kind.INTEGER: _integer,
        Kind.SWITCH: _switch,
        Kind.CHOICE: _choice,
        Kind.GUID: _guid,
        Kind.URL: _url,
        Kind.HOST: _host,
        Kind.VERSION: _version,
        Kind.PORTS: _ports,
        Kind.DATE_TIME: _date_time,
        Kind.THUMBPRINT: _hex(40),
        Kind.SHA256: _hex(64),
        Kind.ASSIGNMENTS: _assignments,
        Kind.XML: _xml,
        Kind.CERTIFICATE: _certificate,
        Kind.BINARY: _binary,
        Kind.TOKEN: _token,
    }
)
