"""The subject of a device certificate, made from a template such as ``CN={guid},O=Example``.

Every value is a PrintableString without NUL, since Windows Phone 8.0 finds no other (enrollment.md
8.2). RDNs are encoded in the order of the template, which is also that of the search criteria.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mdmcore.errors import ConfigError
from mdmcore.pki.asn1 import name, name_text
from mdmcore.pki.certificate_builder import encode_name

DEFAULT_SUBJECT = "CN={guid}"
PLACEHOLDERS = ("guid", "username", "device_type", "serial")
_UNIQUE = frozenset({"guid", "serial"})
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_COUNTRY = "2.5.4.6"

# RFC 5280 appendix A.1, the upper bounds; X.520 for the rest.
_LONGEST = {
    name.COMMON_NAME: 64,
    "2.5.4.4": 64,
    "2.5.4.5": 64,
    _COUNTRY: 2,
    "2.5.4.7": 128,
    "2.5.4.8": 128,
    "2.5.4.9": 128,
    "2.5.4.10": 64,
    "2.5.4.11": 64,
    "2.5.4.12": 64,
    "2.5.4.42": 64,
    "2.5.4.43": 64,
    "0.9.2342.19200300.100.1.1": 256,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectTemplate:
    """A template that was checked: pairs of dotted OID and text with placeholders."""

    text: str
    rdns: tuple[tuple[str, str], ...]

    def subject(self, values: Mapping[str, str]) -> bytes:
        """The name (DER) with a value for each of ``PLACEHOLDERS``.

        ``ConfigError`` naming the attribute and the character that cannot stand in it.
        """
        filled = [
            (oid, _PLACEHOLDER.sub(lambda match: values[match[1]], text)) for oid, text in self.rdns
        ]
        for oid, text in filled:
            _check_value(oid, text)
        pairs = [(oid, text.encode("ascii")) for oid, text in filled]
        return encode_name(pairs, name.PRINTABLE_STRING)


def parse_subject_template(text: str) -> SubjectTemplate:
    """The template; ``ConfigError`` saying what is wrong with it.

    RDNs are parted by commas, a value with a comma stands in quotes. The CN holds ``{guid}`` or
    ``{serial}``: by it devices are told apart.
    """
    rdns = name_text.parse_x500(text)
    if rdns is None:
        raise ConfigError(f"{text[:200]!r} is no name; write it like CN={{guid}},OU=Phones,O=Corp")
    if any(len(rdn) > 1 for rdn in rdns):
        raise ConfigError("several attributes in one RDN (+) are not supported, use commas")
    pairs = tuple(rdn[0] for rdn in rdns)
    for oid, value in pairs:
        _check_template(oid, value)
    names = [value for oid, value in pairs if oid == name.COMMON_NAME]
    if not any(_UNIQUE.intersection(_PLACEHOLDER.findall(value)) for value in names):
        raise ConfigError("the CN needs {guid} or {serial}, or devices cannot be told apart")
    return SubjectTemplate(text=text, rdns=pairs)


def single_name(common_name: str) -> bytes:
    """A name (DER) of that CN alone; ``ConfigError`` when it cannot be one."""
    _check_value(name.COMMON_NAME, common_name)
    pairs = ((name.COMMON_NAME, common_name.encode("ascii")),)
    return encode_name(pairs, name.PRINTABLE_STRING)


def _check_template(oid: str, value: str) -> None:
    keyword = name_text.keyword(oid)
    if oid not in _LONGEST:
        known = ", ".join(map(name_text.keyword, _LONGEST))
        raise ConfigError(f"{keyword} is no attribute of PrintableString here; there is: {known}")
    for placeholder in _PLACEHOLDER.findall(value):
        if placeholder not in PLACEHOLDERS:
            known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
            raise ConfigError(f"no placeholder {{{placeholder[:40]}}}; there is: {known}")
    # A placeholder gives at least one character, of which nothing is known yet.
    _check_value(oid, _PLACEHOLDER.sub("X", value), is_whole=value.count("{") == 0)


def _check_value(oid: str, text: str, *, is_whole: bool = True) -> None:
    keyword, longest = name_text.keyword(oid), _LONGEST[oid]
    if wrong := sorted(set(text) - name.PRINTABLE_ALPHABET):
        listed = " ".join(map(repr, wrong[:5]))
        raise ConfigError(
            f"{keyword}={text[:80]!r} cannot be a PrintableString: it has {listed}, which Windows "
            "Phone would not find"
        )
    shortest = 2 if oid == _COUNTRY and is_whole else 1
    if not shortest <= len(text) <= longest:
        wanted = str(longest) if shortest == longest else f"1 to {longest}"
        raise ConfigError(f"{keyword} has {wanted} characters, not {len(text)}: {text[:80]!r}")
