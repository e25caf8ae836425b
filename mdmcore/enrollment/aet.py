"""The application enrolment token (AET) inside an EnrollmentToken (enrollment.md section 12).

Of the inner document only the root AET and EnterpriseId are known; everything else is unconfirmed
[U]. So dates are looked for, never assumed: certificates that can be parsed, alone or in a PKCS#7,
and values with a name that says end and a text that is a date. Whether the token is good for a
device is not judged here; the .aetx file around it is read in ``aetx``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.aetx import read_enterprise_id
from mdmcore.errors import MdmError, ParseError
from mdmcore.pki.certificate import Certificate, parse_certificate
from mdmcore.pki.cms import parse_signed_data
from mdmcore.xml import Element, iter_elements, local_name, parse_strict

_MAX_VALUES = 256
"""Texts and attributes of the inner document that are looked at."""

_MIN_CERTIFICATE = 128
"""Characters of base64 below which no certificate is tried."""

_FIRST_YEAR = 2000
"""Earlier dates are placeholders: there was no such token."""

_END_NAME = re.compile(r"(?i)(?:expir|notafter|not_after|validto|valid_to|validuntil|enddate)")


@dataclass(frozen=True, slots=True, kw_only=True)
class AetEnd:
    """A date after which the token, or a certificate in it, is no longer valid; aware UTC."""

    what: str
    moment: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Aet:
    """A readable token. ``ends`` holds the dates that were found, possibly none."""

    enterprise_id: str
    ends: tuple[AetEnd, ...] = ()

    @property
    def end(self) -> AetEnd | None:
        """The earliest of the dates."""
        return min(self.ends, key=lambda each: each.moment, default=None)


def read_aet(token: str) -> Aet | None:
    """The AET in the text of an EnrollmentToken; ``None`` when there is none.

    None: the text is no base64, or what it holds is no XML with root AET and an EnterpriseId.
    """
    data = decode_base64(token)
    enterprise_id = read_enterprise_id(data) if data else None
    if data is None or enterprise_id is None:
        return None
    try:
        root = parse_strict(data)
    except ParseError:  # read_enterprise_id has parsed it already
        return None
    return Aet(enterprise_id=enterprise_id, ends=tuple(_ends(root)))


def _ends(root: Element) -> Iterator[AetEnd]:
    for number, (name, text) in enumerate(_values(root)):
        if number >= _MAX_VALUES:
            return
        for certificate in _certificates(text):
            yield AetEnd(
                what=f"the certificate {certificate.subject.rfc4514()}",
                moment=certificate.not_after,
            )
        moment = _moment(text) if _END_NAME.search(name) else None
        if moment is not None:
            yield AetEnd(what=name, moment=moment)


def _values(root: Element) -> Iterator[tuple[str, str]]:
    """Local name and own text of every element that has one, and of every attribute."""
    for element in iter_elements(root):
        name = local_name(element)
        text = str(element.text or "").strip()
        if text:
            yield name, text
        for key, value in element.attrib.items():
            yield f"{name}/@{str(key).rpartition('}')[2]}", str(value).strip()


def _certificates(text: str) -> tuple[Certificate, ...]:
    der = decode_base64(text) if len(text) >= _MIN_CERTIFICATE else None
    if not der:
        return ()
    try:
        return (parse_certificate(der),)
    except MdmError:
        pass
    try:
        return parse_signed_data(der).certificates
    except MdmError:
        return ()


def _moment(text: str) -> datetime | None:
    """An ISO 8601 date or date and time; without a zone it is taken for UTC."""
    try:
        found = datetime.fromisoformat(text)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if found.year >= _FIRST_YEAR else None
