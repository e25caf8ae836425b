"""What ``certutil -dump`` prints of a certificate or a CSR, taken from its text.

Such a text has the values, not the bytes: neither string types nor a NUL can be seen in it, dates
are written as the machine's language wants them. So its values are facts and nothing is judged.
``certutil -asn``, which has the bytes, is read in ``certutil_dump``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

_CERTIFICATE = re.compile(rb"^\s*X509 Certificate:\s*$", re.MULTILINE)
_REQUEST = re.compile(rb"^\s*PKCS10 Certificate Request:\s*$", re.MULTILINE)
_HEAD = 64 * 1024
_MAX_LINES = 5000
_LINE = re.compile(r"(\s*)([A-Za-z][^:]{0,60}):\s*(.*)")
_BLOCKS = MappingProxyType({"Subject": "subject", "Issuer": "issuer"})
_NAMES = MappingProxyType(
    {
        "Serial Number": "serial",
        "NotBefore": "not_before",
        "NotAfter": "not_after",
        "Public Key Length": "public_key",
        "Cert Hash(sha1)": "thumbprint",
    }
)
_VALUE_LENGTH = 300


def is_certutil_text(data: bytes) -> bool:
    """Whether this is the beginning of what ``certutil -dump`` prints of one object."""
    head = _head(data)
    return _CERTIFICATE.search(head) is not None or _REQUEST.search(head) is not None


def read_certutil_text(data: bytes) -> tuple[bool, Mapping[str, str]]:
    """Whether it is a CSR, and the facts: those of the first object in the text."""
    head = _head(data)
    certificate, request = _CERTIFICATE.search(head), _REQUEST.search(head)
    is_request = certificate is None or (
        request is not None and request.start() < certificate.start()
    )
    chosen = request if is_request else certificate
    text = head[chosen.end() if chosen is not None else 0 :].decode("utf-8", "replace")
    return is_request, _facts(text.splitlines()[:_MAX_LINES])


def _head(data: bytes) -> bytes:
    """The beginning, with the no-break spaces of mails and web pages as blanks."""
    return data[:_HEAD].replace(b"\xc2\xa0", b" ")


def _facts(lines: list[str]) -> Mapping[str, str]:
    facts: dict[str, str] = {}
    section = ""
    for number, line in enumerate(lines):
        match = _LINE.match(line)
        if match is None:
            continue
        label, value = match[2].strip(), match[3].strip()
        if label in _BLOCKS:
            indent = len(match[1])
            value = value or ", ".join(_indented(lines[number + 1 :], indent))
            facts.setdefault(_BLOCKS[label], value[:_VALUE_LENGTH])
        elif label in _NAMES and value:
            facts.setdefault(_NAMES[label], value[:_VALUE_LENGTH])
        elif label == "Algorithm ObjectId" and section == "Signature Algorithm":
            facts.setdefault("signature_algorithm", value[:_VALUE_LENGTH])
        if not value:
            section = label
    if "thumbprint" in facts:
        facts["thumbprint"] = facts["thumbprint"].replace(" ", "").upper()
    return facts


def _indented(lines: list[str], indent: int) -> Iterator[str]:
    """The RDNs below ``Subject:``, which stand deeper than it and have an equals sign."""
    for line in lines:
        depth = len(line) - len(line.lstrip())
        if not line.strip() or depth <= indent or "=" not in line:
            return
        yield line.strip()
