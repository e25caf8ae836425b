"""Judging the text of a parameter by its kind, and making it uniform.

Each function takes the parameter and the text, and gives the uniform spelling or raises
ConfigError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from mdmcore.base64_text import decode_base64, encode_base64
from mdmcore.csp.check import bounds
from mdmcore.csp.payload import payload_root
from mdmcore.csp.recipes.model import Kind, Parameter
from mdmcore.csp.recipes.payloads import certificate_of, token_of
from mdmcore.csp.recipes.values import assignments, wrong
from mdmcore.errors import ConfigError
from mdmcore.xml import NOT_XML

MAX_TEXT = 4096
"""Characters of a value that is not a file: more than any node of a CSP is documented to hold."""
MAX_FILE = 4 * 1024 * 1024
"""Characters of a file's text or base64: above any ADMX file, and a device takes less."""
_MAX_NAME = 255


def check_value(parameter: Parameter, text: str) -> str:
    """The value in its uniform spelling. Raises ConfigError."""
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
    for name, value in assignments(text):
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]{0,254}", name) or not value:
            raise wrong(parameter, _ASSIGNMENTS, text)
        if name in seen:
            raise ConfigError(f"{parameter.name} names {name} twice")
        seen.add(name)
    if not seen:
        raise wrong(parameter, _ASSIGNMENTS, text)
    return text


def _xml(parameter: Parameter, text: str) -> str:
    if payload_root(text) is None:
        raise wrong(parameter, "a well-formed XML document", text)
    return text


def _binary(parameter: Parameter, text: str) -> str:
    data = decode_base64(text)
    if not data:
        raise wrong(parameter, "base64, or @PATH of a file", text)
    return encode_base64(data)


def _certificate(parameter: Parameter, text: str) -> str:
    certificate = certificate_of(text)
    if certificate is None:
        raise wrong(parameter, "a certificate in DER or PEM", text)
    return certificate


def _token(parameter: Parameter, text: str) -> str:
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
