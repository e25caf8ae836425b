"""Content views: 'MDM SOAP', 'WAP Provisioning', 'SyncML DM' and 'X.509' in mitmproxy's windows.

They show a message as it is, secrets included, like every other view of mitmproxy. Best effort:
nothing here raises, at most ``MAX_SHOWN_BYTES`` are laid out, what remains is counted.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from mitmproxy import contentviews
from mitmproxy.contentviews import Contentview, Metadata, SyntaxHighlight

from mdmcore.errors import MdmError
from mdmcore.mitm.certificate_text import describe_der, describe_pem
from mdmcore.mitm.code_notes import fault_notes, syncml_notes
from mdmcore.mitm.wbxml_text import comment_text, describe_wbxml, starts_like_wbxml
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPES, SYNCML_XML_MEDIA_TYPES
from mdmcore.xml import Element, iter_elements, local_name, parse_lenient, pretty_print

MAX_SHOWN_BYTES = 256 * 1024
_MAX_SHOWN_TEXT = 4 * MAX_SHOWN_BYTES
_MAX_EMBEDDED = 32
_HEAD = 1024

_XML_TYPES = frozenset({"application/soap+xml", "text/xml", "application/xml", ""})
_WAP_TYPES = frozenset({"text/vnd.wap.connectivity-xml", "application/x-wap-prov.browser-settings"})
_X509_TYPES = frozenset(
    {
        "application/pkcs10",
        "application/pkix-cert",
        "application/x-pem-file",
        "application/x-x509-ca-cert",
        "application/x-x509-user-cert",
    }
)
_SOAP_NAMESPACES = (
    b"http://www.w3.org/2003/05/soap-envelope",
    b"http://schemas.xmlsoap.org/soap/envelope/",
)
_PEM_STARTS = (b"-----BEGIN CERTIFICATE", b"-----BEGIN NEW CERTIFICATE", b"-----BEGIN X509")


def register_views() -> None:
    """Add our views to mitmproxy; those already there (a reloaded script) stay."""
    for view in (SoapView(), ProvisioningView(), SyncmlView(), X509View()):
        if view.name.lower() not in contentviews.registry:
            contentviews.add(view)


class _View(Contentview):
    """Priority 2, above mitmproxy's own XML view, for what is ours; no claim to anything else."""

    @property
    def syntax_highlight(self) -> SyntaxHighlight:
        return "xml"

    def render_priority(self, data: bytes, metadata: Metadata) -> float:
        content_type = (metadata.content_type or "").split(";", 1)[0].strip().lower()
        return 2 if self.claims(content_type, data[:_HEAD]) else -1

    def prettify(self, data: bytes, metadata: Metadata) -> str:
        text = _bounded(self.lay_out(data[:MAX_SHOWN_BYTES]))
        hidden = len(data) - MAX_SHOWN_BYTES
        return f"{text}\n... {hidden} bytes not shown" if hidden > 0 else text

    def claims(self, content_type: str, head: bytes) -> bool:
        """Whether this view is for that type and beginning; constant time."""
        raise NotImplementedError

    def lay_out(self, data: bytes) -> str:
        """Text of the bounded message; never raises."""
        raise NotImplementedError


def _bounded(text: str) -> str:
    if len(text) <= _MAX_SHOWN_TEXT:
        return text
    return f"{text[:_MAX_SHOWN_TEXT]}\n... the rest of this text is not shown"


class SoapView(_View):
    """A SOAP envelope; below it what its security tokens hold, what a fault in it means."""

    name = "MDM SOAP"

    def claims(self, content_type: str, head: bytes) -> bool:
        if content_type == "application/soap+xml":
            return True
        return content_type in _XML_TYPES and any(ns in head for ns in _SOAP_NAMESPACES)

    def lay_out(self, data: bytes) -> str:
        return _xml_text(data, lambda root: [*_noted(fault_notes(root)), *_token_texts(root)])


class ProvisioningView(_View):
    """A wap-provisioningdoc, and below it the certificates it carries."""

    name = "WAP Provisioning"

    def claims(self, content_type: str, head: bytes) -> bool:
        if content_type in _WAP_TYPES:
            return True
        return content_type in _XML_TYPES and b"<wap-provisioningdoc" in head

    def lay_out(self, data: bytes) -> str:
        return _xml_text(data, _stored_certificate_texts)


class SyncmlView(_View):
    """An OMA DM message, WBXML as the XML that it stands for with its header in a line before it;
    below it what its status and alert codes mean."""

    name = "SyncML DM"

    def claims(self, content_type: str, head: bytes) -> bool:
        if content_type in SYNCML_XML_MEDIA_TYPES | SYNCML_WBXML_MEDIA_TYPES:
            return True
        return content_type in _XML_TYPES and b"SYNCML:SYNCML1" in head

    def prettify(self, data: bytes, metadata: Metadata) -> str:
        # A part of a WBXML document is none, so that it is not cut before it is read.
        if not starts_like_wbxml(data):
            return super().prettify(data, metadata)
        return _bounded(describe_wbxml(data, _noted_codes))

    def lay_out(self, data: bytes) -> str:
        return _xml_text(data, _noted_codes)


class X509View(_View):
    """A certificate or a certificate request, DER or PEM."""

    name = "X.509"

    @property
    def syntax_highlight(self) -> SyntaxHighlight:
        return "yaml"

    def claims(self, content_type: str, head: bytes) -> bool:
        return content_type in _X509_TYPES or head.lstrip().startswith(_PEM_STARTS)

    def lay_out(self, data: bytes) -> str:
        return describe_pem(data) if b"-----BEGIN" in data[:_HEAD] else describe_der(data)


def _xml_text(data: bytes, below: Callable[[Element], list[str]]) -> str:
    """The document indented, its mistakes first, what is embedded in it below."""
    try:
        parsed = parse_lenient(data)
    except MdmError as error:
        return f"<!-- not XML: {comment_text(str(error))} -->\n{data.decode('utf-8', 'replace')}"
    notes = [
        f"<!-- line {problem.line}, column {problem.column}: {comment_text(problem.message)} -->"
        for problem in parsed.problems
    ]
    return "\n".join([*notes, pretty_print(parsed.root).rstrip(), *below(parsed.root)])


def _token_texts(root: Element) -> list[str]:
    texts: list[str] = []
    for element in iter_elements(root):
        if local_name(element) != "BinarySecurityToken" or len(texts) >= _MAX_EMBEDDED:
            continue
        content = _base64(element.text)
        if content is None:
            continue
        if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            texts.append(
                f"\n<!-- in BinarySecurityToken, {len(content)} bytes: -->\n"
                + _xml_text(content[:MAX_SHOWN_BYTES], _stored_certificate_texts)
            )
        elif content.startswith(b"\x30"):
            texts.append(_embedded("BinarySecurityToken", content))
    return texts


def _stored_certificate_texts(root: Element) -> list[str]:
    texts: list[str] = []
    for element in iter_elements(root):
        if len(texts) >= _MAX_EMBEDDED:
            break
        if (element.get("name") or "").lower() != "encodedcertificate":
            continue
        content = _base64(element.get("value"))
        if content is not None:
            texts.append(_embedded("EncodedCertificate", content))
    return texts


def _noted_codes(root: Element) -> list[str]:
    return _noted(syncml_notes(root))


def _noted(notes: list[str]) -> list[str]:
    return [f"\n<!-- {comment_text(note)} -->" for note in notes]


def _embedded(where: str, content: bytes) -> str:
    return f"\n<!-- in {where}, {len(content)} bytes:\n{comment_text(describe_der(content))}\n-->"


def _base64(text: str | None) -> bytes | None:
    try:
        return base64.b64decode("".join((text or "").split()), validate=True) or None
    except (binascii.Error, ValueError):
        return None
