"""SyncML messages in HTTP bodies: XML or WBXML by media type, answers in the form of requests.

Sources: session.md section 3, wbxml.md section 1. The codecs stand in ``xml`` and ``wbxml``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mdmcore.errors import DeviceFault, ProtocolError, WbxmlError
from mdmcore.http import Headers, charset, media_type
from mdmcore.namespaces import (
    SYNCML_WBXML_MEDIA_TYPES,
    SYNCML_XML_MEDIA_TYPE,
    SYNCML_XML_MEDIA_TYPES,
)
from mdmcore.syncml.model import SyncML
from mdmcore.syncml.wbxml import (
    WbxmlHeader,
    charset_of,
    decode_document,
    encode_wbxml,
    looks_like_wbxml,
    message_of,
)
from mdmcore.syncml.xml import parse_syncml, serialize_syncml

_XML_CHARSET = "utf-8"
_UNNAMED = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class WireForm:
    """How a message stands in a body: media type, and the header of WBXML, ``None`` for its usual
    one. ``names_charset``: Content-Type has a charset."""

    media_type: str = SYNCML_XML_MEDIA_TYPE
    header: WbxmlHeader | None = None
    names_charset: bool = False

    @property
    def is_wbxml(self) -> bool:
        """Whether it is binary."""
        return self.media_type in SYNCML_WBXML_MEDIA_TYPES

    @property
    def charset(self) -> str:
        """The character set of the body in lower case; what we write as XML is UTF-8."""
        if not self.is_wbxml or self.header is None:
            return _XML_CHARSET
        name = charset_of(self.header.charset).name.lower()
        return _XML_CHARSET if name == _UNNAMED else name

    @property
    def content_type(self) -> str:
        """The value of Content-Type."""
        return (
            f"{self.media_type}; charset={self.charset}" if self.names_charset else self.media_type
        )

    def for_answer(self) -> WireForm:
        """The form in which to answer a message of this form."""
        return replace(self, header=None if self.header is None else self.header.for_answer())


def decode_body(
    body: bytes,
    headers: Headers,
    *,
    strict: bool = True,
    fault: type[ProtocolError] = DeviceFault,
) -> tuple[SyncML, WireForm]:
    """The message of a body, and its form; a media type that is none of SyncML's is read as XML.

    Raises XmlError or WbxmlError for what is not what Content-Type says, and ``fault`` as
    ``parse_syncml`` does.
    """
    kind, names_charset = media_type(headers), charset(headers) is not None
    if kind in SYNCML_WBXML_MEDIA_TYPES:
        document = decode_document(body, strict=strict)
        form = WireForm(media_type=kind, header=document.header, names_charset=names_charset)
        return message_of(document, strict=strict, fault=fault), form
    if looks_like_wbxml(body):
        raise WbxmlError(f"the body is WBXML, but Content-Type is {kind or 'missing'}", offset=0)
    known = kind if kind in SYNCML_XML_MEDIA_TYPES else SYNCML_XML_MEDIA_TYPE
    form = WireForm(media_type=known, names_charset=names_charset)
    return parse_syncml(body, strict=strict, fault=fault), form


def encode_body(message: SyncML, form: WireForm) -> bytes:
    """The message in that form. Raises XmlError or WbxmlError for what cannot be written."""
    if form.is_wbxml:
        return encode_wbxml(message, header=form.header)
    return serialize_syncml(message)
