"""What a file is that is no capture, and what to do with it: one line for whoever gave it to us.

Source: formats.md sections 5.0 and 5.7, and the signatures that these formats are known by.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mdmcore.capture.text_lines import decoded

READABLE = (
    "mitmproxy flow files, HAR, Fiddler's .saz, packet captures, SyncMLViewer saves, "
    "MDMDiagReport.xml, event logs as XML, CSV or text, IIS logs, text logs "
    "and folders of messages can be read"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A format by how it begins; ``advice`` is what to do."""

    begin: re.Pattern[bytes]
    what: str
    advice: str = ""


def _known(begin: bytes, what: str, advice: str = "") -> _Known:
    return _Known(begin=re.compile(begin, re.DOTALL), what=what, advice=advice)


_EVTX = "export it as XML: wevtutil qe FILE /lf:true /f:RenderedXml > events.xml"
_LINT = "use `mdmproxy lint`"
_UNPACK = "unpack it and give the files in it"
_MARK = rb"(?:\xef\xbb\xbf)?\s*"

_BINARY = (
    _known(rb"ElfFile\x00", "a Windows event log (.evtx)", _EVTX),
    _known(
        rb"MSCF", "a cabinet (.cab)", "unpack it (expand FILE -F:* FOLDER) and give the files in it"
    ),
    _known(rb"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    _known(rb"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    _known(rb".{257}ustar", "a tar archive", _UNPACK),
    _known(rb"BZh[1-9]", "a bzip2 file", "unpack it first"),
    _known(rb"\xfd7zXZ\x00", "an xz file", "unpack it first"),
    _known(rb"\x28\xb5\x2f\xfd", "a zstd file", "unpack it first"),
    _known(rb"\x1f\x8b", "a gzip file without a capture in it", "unpack it and look what is in it"),
    _known(rb"SQLite format 3\x00", "an SQLite database", "export what is in it"),
    _known(rb"regf", "a Windows registry hive", "export it as text (reg export)"),
    _known(rb"%PDF-", "a PDF", "give the capture that it was made of, or paste the text"),
    _known(
        rb"\x89PNG|\xff\xd8\xff|GIF8|BM.{12}\x28\x00|RIFF.{4}WEBP",
        "an image",
        "type the result code that it shows: mdmproxy explain CODE",
    ),
    _known(
        rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Office document or an Outlook mail (.msg)",
        "save what is attached to it",
    ),
    _known(
        rb".{4}\x00{0,4}.{0,60}?(?:W\x00i\x00n\x00d\x00o\x00w\x00s\x00)?.{0,400}?"
        rb"(?:\x9e\x81\x4a\xaa|\xad\x52\x9e\x46\x35)",
        "a Windows trace (.etl)",
        "convert it: tracerpt FILE -o events.xml -of XML, or etl2pcapng for packets",
    ),
    _known(
        rb"\n\r\r\n|\xa1\xb2[\xc3\x3c][\xd4\x4d]|[\xd4\x4d][\xc3\x3c]\xb2\xa1|GMBU|RTSS",
        "a packet capture",
    ),
    _known(rb"PK\x05\x06", "an empty zip archive"),
    _known(
        rb"PK\x03\x04", "a zip archive without Fiddler's sessions or another capture in it", _UNPACK
    ),
    _known(rb"MZ", "a Windows program"),
    _known(rb"0[\x80-\x84]", "a certificate or key", _LINT),
)
_TEXTS = (
    _known(
        rb".*?-----BEGIN (?:RSA |EC |ENCRYPTED )?PRIVATE KEY-----",
        "a private key (mitmproxy keeps its CA's key in such a file)",
        "keep it secret; give the capture",
    ),
    _known(rb".{0,200}?-----BEGIN ", "a certificate or key", _LINT),
    _known(
        rb"(?:#[^\n]*\n|\s)*(?:CLIENT_RANDOM|CLIENT_HANDSHAKE_TRAFFIC_SECRET"
        rb"|SERVER_HANDSHAKE_TRAFFIC_SECRET|CLIENT_TRAFFIC_SECRET_0|EXPORTER_SECRET|RSA) "
        rb"[0-9a-fA-F]{16}",
        "a TLS key log",
        "give the packet capture that it belongs to, and this file as its key log",
    ),
    _known(
        _MARK + rb"(?:<\?xml[^>]*\?>\s*)?(?:<!DOCTYPE items.{0,4000}?\]>\s*)?<items [^>]*burp",
        "a list of items of Burp",
        "export a HAR instead",
    ),
    _known(
        _MARK + rb"<E2ETraceEvent",
        "a WCF trace (.svclog)",
        "give the messages in it as files, or record with mdmproxy",
    ),
    _known(
        _MARK + rb"(?:<\?xml[^>]*\?>\s*)?(?:<\?xml-stylesheet[^>]*\?>\s*)?<failedRequest",
        "a failed request trace of IIS",
        "give the IIS log instead",
    ),
    _known(
        _MARK + rb"(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:\w+:)?"
        rb"(?:wap-provisioningdoc|EnterpriseAppMgmt)",
        "a provisioning document",
        _LINT,
    ),
    _known(
        rb".{0,2000}?(?:<title>\s*MDM Diagnostic|MDM Diagnostic (?:Information|Report))",
        "the web page of an MDM diagnostics report",
        "give MDMDiagReport.xml from its folder",
    ),
    _known(
        rb".{0,4000}?X509 Certificate:|.{0,4000}?PKCS10 Certificate Request:"
        rb"|.{0,400}?[0-9a-f]{4}: .{0,400}?; SEQUENCE",
        "a dump of certutil",
        _LINT,
    ),
    _known(
        _MARK + rb"\{.{0,4000}?\"_postman_id\"|" + _MARK + rb"\{.{0,4000}?schema\.getpostman\.com",
        "a Postman collection",
        "it has no traffic; export a HAR, or record with mdmproxy",
    ),
    _known(
        _MARK + rb"\{.{0,4000}?\"mdmproxy-analysis/",
        "an analysis of ours",
        "give the capture that it was made of",
    ),
    _known(_MARK + rb"\{.{0,4000}?\"runs\"\s*:", "JSON and no HAR (it may be SARIF)"),
    _known(_MARK + rb"[\[{]", "JSON and no HAR"),
    _known(
        _MARK + rb"Windows Registry Editor",
        "an export of the Windows registry",
        'look for EnrollmentState in it: mdmproxy explain "EnrollmentState 3"',
    ),
    _known(_MARK + rb"<", "an XML or HTML document", "`mdmproxy lint` reads loose documents"),
    _known(
        rb"\S+ \S+ \S+ \[\d\d/\w{3}/\d{4}:[^\]]+\] \"",
        "an access log",
        "give a capture of the traffic; of logs with statuses alone those of IIS can be read",
    ),
)


def refusal(head: bytes) -> str:
    """Why a file that begins so is not read, and what to do, in one line."""
    for known in _BINARY:
        if known.begin.match(head):
            return _line(known)
    text = decoded(head).encode("utf-8", "replace")
    for known in _TEXTS:
        if known.begin.match(text):
            return _line(known)
    return f"this is no capture that can be read; {READABLE}"


def _line(known: _Known) -> str:
    advice = f"{known.advice}; " if known.advice else ""
    return f"this is {known.what} and no capture that can be read; {advice}{READABLE}"
