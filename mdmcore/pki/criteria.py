"""Search criteria: how a phone is told which client certificate to use (enrollment.md 9.4, 9.7).

``SSLCLIENTCERTSEARCHCRITERIA`` reads ``Subject=<percent-encoded DN>&Stores=My%5CUser``, the hub's
``CertificateSearchCriteria`` the DN alone. All texts here are those behind the XML parser: its
``&amp;`` is already ``&``. Which deviation is a finding stands in ``mdmcore.rules``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from mdmcore.pki.asn1 import name_text
from mdmcore.pki.asn1.name import COMMON_NAME, PRINTABLE_STRING, DistinguishedName

PREFIX = "Subject="
STORE = "My\\User"
# w7 APPLICATION: parts several values of one name.
VALUE_SEPARATOR = "\uf000"

# RFC 2396 section 2.3; letters, digits and - _ . ~ stay as they are by themselves.
_UNRESERVED_MARKS = "!*'()"
_ENCODED = re.compile(r"(?:[A-Za-z0-9_.!~*'()-]|%[0-9A-Fa-f]{2})*")
_TWICE_ENCODED = re.compile(r"%25[0-9A-Fa-f]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchCriteria:
    """An SSLCLIENTCERTSEARCHCRITERIA taken apart.

    ``text`` is the value as it stood behind the XML parser; ``subject`` the DN text and ``stores``
    the store names, percent-decoded once, ``None`` when the name is missing. ``has_prefix``: the
    text begins with plain ``Subject=``. ``has_store``: it ends with ``&Stores=`` and My\\User
    (store names compare without case).
    """

    text: str
    subject: str | None
    stores: tuple[str, ...] | None
    has_prefix: bool
    has_store: bool
    subject_text: str | None

    @property
    def is_double_escaped(self) -> bool:
        """Whether ``&`` or ``%`` was escaped once more than it should be."""
        return "&amp;" in self.text or _TWICE_ENCODED.search(self.text) is not None

    @property
    def is_fully_encoded(self) -> bool:
        """Whether all of the subject outside RFC 2396 *unreserved* is percent-encoded."""
        return self.subject_text is None or _ENCODED.fullmatch(self.subject_text) is not None


def percent_encode(text: str) -> str:
    """UTF-8 octets outside RFC 2396 *unreserved* as ``%XX``."""
    return quote(text, safe=_UNRESERVED_MARKS)


def percent_decode(text: str) -> str:
    """Each ``%XX`` decoded once as UTF-8; U+FFFD for what is none, a stray ``%`` stays."""
    return unquote(text, errors="replace")


def ssl_client_criteria(subject_cn: str) -> str:
    """The SSLCLIENTCERTSEARCHCRITERIA for a subject of one CN, before XML escaping."""
    return f"{PREFIX}{hub_criteria(subject_cn)}&Stores={percent_encode(STORE)}"


def hub_criteria(subject_cn: str) -> str:
    """The hub's CertificateSearchCriteria for a subject of one CN: ``CN%3D...``."""
    return percent_encode(name_text.x500((((COMMON_NAME, subject_cn),),)))


def ssl_client_criteria_of(name: DistinguishedName) -> str:
    """The SSLCLIENTCERTSEARCHCRITERIA for any subject, before XML escaping."""
    return f"{PREFIX}{hub_criteria_of(name)}&Stores={percent_encode(STORE)}"


def hub_criteria_of(name: DistinguishedName) -> str:
    """The hub's CertificateSearchCriteria for any subject; RDN order as in ``x500_text``."""
    return percent_encode(name.x500_text())


def criteria_match(text: str, name: DistinguishedName) -> bool:
    """Whether a criteria of either kind, as a person copies it, names the subject.

    Taken alike: with ``&`` escaped for XML once or not, ``=`` plain or ``%3D``, hyphens plain or
    ``%2D`` (the blog's second comment). Compared as ``subject_matches`` does.
    """
    plain = text.strip().replace("&amp;", "&")
    if not plain.startswith(PREFIX):
        return subject_matches(decode_hub_criteria(plain), name)
    found = parse_ssl_client_criteria(plain)
    return found.has_store and found.subject is not None and subject_matches(found.subject, name)


def subject_problems(name: DistinguishedName) -> tuple[str, ...]:
    """Why a Windows Phone 8 does not find a certificate by this subject (enrollment.md 8.2)."""
    if not name.attributes:
        return ("the subject is empty: there is nothing to search for",)
    problems = []
    for item in name.attributes:
        what = name_text.keyword(item.oid)
        if item.tag != PRINTABLE_STRING:
            problems.append(f"{what} is {item.type_name}; only PrintableString is found")
        if item.has_nul:
            problems.append(f"{what} holds a NUL, at which the criteria is cut")
    return tuple(problems)


def parse_ssl_client_criteria(text: str) -> SearchCriteria:
    """An SSLCLIENTCERTSEARCHCRITERIA; any text has a reading.

    The first value of a name counts, names other than Subject and Stores are ignored.
    """
    values: dict[str, str] = {}
    for piece in text.split("&"):
        key, equals, value = piece.partition("=")
        if equals:
            values.setdefault(key, value)
    subject, stores = values.get("Subject"), values.get("Stores")
    last_key, _, last_value = text.rpartition("&")[2].partition("=")
    last_stores = percent_decode(last_value).lower().split(VALUE_SEPARATOR)
    return SearchCriteria(
        text=text,
        subject=None if subject is None else percent_decode(subject),
        stores=None if stores is None else tuple(percent_decode(stores).split(VALUE_SEPARATOR)),
        has_prefix=text.startswith(PREFIX),
        has_store=last_key == "Stores" and STORE.lower() in last_stores,
        subject_text=subject,
    )


def decode_hub_criteria(text: str) -> str:
    """The DN text of the hub's criteria, decoded once; a plain ``CN=...`` stays as it is."""
    return percent_decode(text)


def subject_is_meant(dn_text: str, name: DistinguishedName) -> bool:
    """Whether a decoded DN text names the subject, or does but for NULs at the end of its CN: those
    are a mistake of the certificate, not of the criteria."""
    if subject_matches(dn_text, name):
        return True
    common_name = name.common_name or ""
    return "\0" in common_name and dn_text == f"CN={common_name.split(chr(0))[0]}"


def subject_matches(dn_text: str, name: DistinguishedName) -> bool:
    """Whether a decoded DN text names a certificate's subject.

    The text is a C string: it ends at its first NUL, so it never names a subject that holds one.
    RDNs must stand in the order of the encoding (unconfirmed), all of them; values compare by
    case, blanks around separators do not count. One of several values is enough.
    """
    wanted = tuple(tuple(sorted(rdn)) for rdn in name.pairs)
    for alternative in dn_text.split("\0", 1)[0].split(VALUE_SEPARATOR):
        rdns = name_text.parse_x500(alternative)
        if rdns is not None and tuple(tuple(sorted(rdn)) for rdn in rdns) == wanted:
            return True
    return False
