"""Content views: 'MDM SOAP', 'WAP Provisioning', 'SyncML DM' and others in mitmproxy's windows.

They show a message as it is, secrets included, like every other view of mitmproxy. Best effort:
nothing here raises, at most ``MAX_SHOWN_BYTES`` are laid out, what remains is counted.
"""

from __future__ import annotations

from collections.abc import Callable

from mitmproxy import contentviews
from mitmproxy.contentviews import Contentview, Metadata, SyntaxHighlight

from mdmcore.inspector.artifact.der_kinds import der_kind
from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.xml_documents import first_name
from mdmcore.mitm.certificate_text import describe_der, describe_pem
from mdmcore.mitm.code_notes import fault_notes, syncml_notes
from mdmcore.mitm.embedded_text import document_texts, payload_texts, token_texts, xml_text
from mdmcore.mitm.hub_text import describe_package, is_package
from mdmcore.mitm.token_text import describe_jwt, starts_like_jwt
from mdmcore.mitm.wbxml_text import comment_text, describe_wbxml, starts_like_wbxml
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPES, SYNCML_XML_MEDIA_TYPES
from mdmcore.xml import Element

MAX_SHOWN_BYTES = 256 * 1024
_MAX_SHOWN_TEXT = 4 * MAX_SHOWN_BYTES
_HEAD = 1024

_XML_TYPES = frozenset({"application/soap+xml", "text/xml", "application/xml", ""})
_UNTOLD_TYPES = frozenset({"application/octet-stream", ""})
_FILE_TYPES = _XML_TYPES | _UNTOLD_TYPES
_TEXT_TYPES = _UNTOLD_TYPES | {"text/plain"}
_JWT_TYPES = frozenset({"application/jwt"})
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
_PKCS7_TYPES = frozenset(
    {
        "application/pkcs7-mime",
        "application/pkcs7-signature",
        "application/x-pkcs7-certificates",
        "application/x-pki-message",
        "application/x-x509-ca-ra-cert",
    }
)
_SOAP_NAMESPACES = (
    b"http://www.w3.org/2003/05/soap-envelope",
    b"http://schemas.xmlsoap.org/soap/envelope/",
)
_PKCS7_STARTS = (b"-----BEGIN PKCS7", b"-----BEGIN CMS")
_PEM_STARTS = (b"-----BEGIN CERTIFICATE", b"-----BEGIN NEW CERTIFICATE", b"-----BEGIN X509")


def register_views() -> None:
    """Add our views to mitmproxy; those already there (a reloaded script) stay."""
    for view in VIEWS:
        if view.name.lower() not in contentviews.registry:
            contentviews.add(view)


class _View(Contentview):
    """Priority 2, above mitmproxy's own XML view, for what is ours; no claim to anything else."""

    @property
    def syntax_highlight(self) -> SyntaxHighlight:
        return "xml"

    def render_priority(self, data: bytes, metadata: Metadata) -> float:
        return 2 if self.claims(_media_type(metadata), data[:_HEAD]) else -1

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


def _media_type(metadata: Metadata) -> str:
    return (metadata.content_type or "").split(";", 1)[0].strip().lower()


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
        return _xml_text(data, _soap_notes)


class ProvisioningView(_View):
    """A wap-provisioningdoc (an .aetx file is one), and below it the certificates and the
    enrolment token it carries."""

    name = "WAP Provisioning"

    def claims(self, content_type: str, head: bytes) -> bool:
        if content_type in _WAP_TYPES:
            return True
        return content_type in _FILE_TYPES and b"<wap-provisioningdoc" in head

    def lay_out(self, data: bytes) -> str:
        return _xml_text(data, document_texts)


class AetView(_View):
    """An AET document, what an .aetx file has inside, and below it its signers' certificates."""

    name = "AET"

    def claims(self, content_type: str, head: bytes) -> bool:
        return content_type in _FILE_TYPES and first_name(head) == "aet"

    def lay_out(self, data: bytes) -> str:
        return _xml_text(data, document_texts)


class SyncmlView(_View):
    """An OMA DM message, WBXML as the XML that it stands for with its header in a line before it;
    below it what its status and alert codes mean, and what its items carry."""

    name = "SyncML DM"

    def claims(self, content_type: str, head: bytes) -> bool:
        if content_type in SYNCML_XML_MEDIA_TYPES | SYNCML_WBXML_MEDIA_TYPES:
            return True
        return content_type in _XML_TYPES and b"SYNCML:SYNCML1" in head

    def prettify(self, data: bytes, metadata: Metadata) -> str:
        # A part of a WBXML document is none, so that it is not cut before it is read.
        if not starts_like_wbxml(data):
            return super().prettify(data, metadata)
        return _bounded(describe_wbxml(data, _syncml_notes))

    def lay_out(self, data: bytes) -> str:
        return _xml_text(data, _syncml_notes)


class X509View(_View):
    """A certificate or a certificate request, DER or PEM, its names with their string types."""

    name = "X.509"
    _types: frozenset[str] = _X509_TYPES
    _starts: tuple[bytes, ...] = _PEM_STARTS
    _kinds = frozenset({ArtifactKind.CERTIFICATE, ArtifactKind.CSR})

    @property
    def syntax_highlight(self) -> SyntaxHighlight:
        return "yaml"

    def claims(self, content_type: str, head: bytes) -> bool:
        if content_type in self._types or head.lstrip().startswith(self._starts):
            return True
        is_der = content_type in _UNTOLD_TYPES and head.startswith(b"\x30")
        return is_der and der_kind(head) in self._kinds

    def lay_out(self, data: bytes) -> str:
        return describe_pem(data) if b"-----BEGIN" in data[:_HEAD] else describe_der(data)


class Pkcs7View(X509View):
    """A PKCS#7, DER or PEM: who signed, the certificates, the request inside a renewal."""

    name = "PKCS#7"
    _types = _PKCS7_TYPES
    _starts = _PKCS7_STARTS
    _kinds = frozenset({ArtifactKind.PKCS7})


class JwtView(_View):
    """A JSON Web Token: header and claims, said to be unverified."""

    name = "JWT"

    @property
    def syntax_highlight(self) -> SyntaxHighlight:
        return "yaml"

    def claims(self, content_type: str, head: bytes) -> bool:
        if content_type in _JWT_TYPES:
            return True
        return content_type in _TEXT_TYPES and starts_like_jwt(head)

    def lay_out(self, data: bytes) -> str:
        return describe_jwt(data)


class HubView(_View):
    """A download of the Company Hub: what range of what, not the bytes."""

    name = "App package"

    @property
    def syntax_highlight(self) -> SyntaxHighlight:
        return "yaml"

    def render_priority(self, data: bytes, metadata: Metadata) -> float:
        return 2 if is_package(_media_type(metadata), metadata) else -1

    def prettify(self, data: bytes, metadata: Metadata) -> str:
        return describe_package(data, metadata)


VIEWS: tuple[_View, ...] = (
    SoapView(),
    ProvisioningView(),
    AetView(),
    SyncmlView(),
    X509View(),
    Pkcs7View(),
    JwtView(),
    HubView(),
)
"""All that are registered; no two claim the same message."""


def _xml_text(data: bytes, below: Callable[[Element], list[str]]) -> str:
    """The document indented, its mistakes first, what is embedded in it below."""
    text, root = xml_text(data)
    return text if root is None else "\n".join([text, *below(root)])


def _soap_notes(root: Element) -> list[str]:
    return [*_noted(fault_notes(root)), *token_texts(root)]


def _syncml_notes(root: Element) -> list[str]:
    return [*_noted(syncml_notes(root)), *payload_texts(root)]


def _noted(notes: list[str]) -> list[str]:
    return [f"\n<!-- {comment_text(note)} -->" for note in notes]
