"""The job of EnterpriseDesktopAppManagement: which MSI to fetch, and its digest.

Root ``MsiInstallJob`` with ``Product``: ``Download/ContentURLList/ContentURL``,
``Validation/FileHash`` (SHA-256, 64 hex digits), ``Enforcement`` (CSP page of that name).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mdmcore.errors import ParseError, ProtocolError
from mdmcore.xml import Element, child, children, local_name, parse_strict, text_of

MAX_URLS = 16
"""More addresses than anybody lists; the rest are not tried."""
MAX_RETRIES = 20
"""So that a job ends, whatever it asks for."""
_DAY = 24 * 60
_SHA256 = re.compile(r"[0-9A-Fa-f]{64}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class MsiJob:
    """A job. ``urls`` are tried in order, ``sha256`` is lower-case hex.

    ``retries`` more downloads are tried when one fails, each after ``retry_minutes``.
    """

    urls: tuple[str, ...]
    sha256: str
    version: str
    command_line: str
    retries: int
    retry_minutes: int


def parse_msi_job(text: str) -> MsiJob:
    """The job; ProtocolError when it is none, or lacks an address or a digest."""
    try:
        root = parse_strict(text.strip().encode())
    except (ParseError, UnicodeEncodeError) as error:
        raise ProtocolError(f"the job is not well-formed: {error}") from None
    if local_name(root) != "MsiInstallJob":
        raise ProtocolError(f"the job's root is {local_name(root)}, not MsiInstallJob")
    product = child(root, "Product")
    if product is None:
        raise ProtocolError("the job has no Product")
    listed = child(product, "Download", "ContentURLList")
    found = () if listed is None else children(listed, "ContentURL")
    urls = tuple(url for url in map(text_of, found) if url)
    if not urls:
        raise ProtocolError("the job has no ContentURL", place="Download/ContentURLList")
    sha256 = text_of(child(product, "Validation", "FileHash"))
    if not _SHA256.match(sha256):
        raise ProtocolError("FileHash is no SHA-256 in hex", place="Validation/FileHash")
    return MsiJob(
        urls=urls[:MAX_URLS],
        sha256=sha256.lower(),
        version=str(product.get("Version") or ""),
        command_line=text_of(child(product, "Enforcement", "CommandLine")),
        retries=_number(product, "RetryCount", MAX_RETRIES),
        retry_minutes=_number(product, "RetryInterval", _DAY),
    )


def _number(product: Element, name: str, largest: int) -> int:
    """A number of Enforcement, 0 without one, never more than ``largest``."""
    text = text_of(child(product, "Enforcement", name))
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    return min(int(text), largest) if is_number else 0
