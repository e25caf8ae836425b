"""The exception tree. Each error says what is wrong, where, and whose fault it is.

MdmError
├── ParseError            bytes that are not what they claim to be
│   ├── XmlError          line and column
│   ├── WbxmlError        offset
│   └── Asn1Error         offset
├── ProtocolError         readable, but against the protocol
│   ├── DeviceFault       the device sent it
│   └── ServerFault       the server sent it
├── CaptureError          a capture that cannot be read to its end
│   └── NoCapture         a file that is none
├── ConfigError           a setting of the person who runs us
└── AlreadyRecorded       a key that the state store has already
"""

from __future__ import annotations


class MdmError(Exception):
    """Base of all errors of mdmcore. ``str()`` is one line that a person can act on."""


class ParseError(MdmError):
    """Input that cannot be parsed; ``offset`` counts from 0, ``line`` and ``column`` from 1."""

    def __init__(
        self,
        message: str,
        *,
        offset: int | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        self.message = message
        self.offset = offset
        self.line = line
        self.column = column
        super().__init__(message if not self.where else f"{message} ({self.where})")

    @property
    def where(self) -> str:
        """The place in words, empty when it is not known."""
        if self.line is not None:
            column = "" if self.column is None else f", column {self.column}"
            return f"line {self.line}{column}"
        return "" if self.offset is None else f"offset {self.offset}"


class XmlError(ParseError):
    """XML that is not well-formed, or that uses what we refuse (entity declarations)."""


class WbxmlError(ParseError):
    """WBXML that cannot be decoded."""


class Asn1Error(ParseError):
    """DER or BER that cannot be decoded."""


class ProtocolError(MdmError):
    """A readable message that breaks the protocol; ``place`` names the element or field."""

    def __init__(self, message: str, *, place: str = "") -> None:
        self.message = message
        self.place = place
        super().__init__(f"{message} ({place})" if place else message)


class DeviceFault(ProtocolError):
    """The device's message breaks the protocol."""


class ServerFault(ProtocolError):
    """The server's message breaks the protocol."""


class CaptureError(MdmError):
    """A capture that cannot be read to its end; ``where`` says how far reading came."""

    def __init__(self, message: str, *, where: str = "") -> None:
        self.message = message
        self.where = where
        super().__init__(f"{message} ({where})" if where else message)


class NoCapture(CaptureError):
    """A file that is no capture, or none that can be read: among captures it may be passed over."""


class ConfigError(MdmError):
    """An option, a file or a state directory that we cannot use."""


class AlreadyRecorded(MdmError):
    """A record whose key (say, a certificate's serial number) the state store has already."""
