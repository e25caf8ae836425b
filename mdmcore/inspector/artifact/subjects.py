"""The subjects of the certificates in a loose file, for search criteria.

Also of a document's client certificates and of an incomplete certutil dump: a name is all that
criteria need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from mdmcore.enrollment.token import parse_rstrc
from mdmcore.errors import Asn1Error, MdmError
from mdmcore.inspector.artifact.dump_names import Shape, read_dump
from mdmcore.inspector.artifact.inspect import kind_to_read, pieces_of
from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.layers import Piece
from mdmcore.inspector.artifact.pki_artifacts import problem_of
from mdmcore.inspector.artifact.refusals import refusal_text
from mdmcore.inspector.artifact.values import ReadProblem
from mdmcore.inspector.provisioning_part import read_provisioning
from mdmcore.pki.asn1.name import DistinguishedName
from mdmcore.pki.certificate import parse_certificate

type Found = DistinguishedName | ReadProblem

_REQUEST = "this is a CSR; a phone searches for the certificate that was issued, give that one"


def subjects_of(data: bytes) -> tuple[Found, ...]:
    """The subject of each certificate in the file, or why it cannot be read; never none.

    What stands beside certificates (a key in the same PEM file) is passed over.
    """
    found = [item for piece in pieces_of(data) for item in _subjects(piece)]
    is_certificate = [item for item, is_certificate in found if is_certificate]
    return tuple(is_certificate or [item for item, _ in found[:1]])


def _subjects(piece: Piece) -> Iterator[tuple[Found, bool]]:
    """Each subject with whether it is that of a certificate, or one that is broken."""
    kind = kind_to_read(piece)
    if piece.problem is not None:
        yield piece.problem, True
        return
    reader = _READERS.get(kind)
    if reader is not None:
        yield from ((item, True) for item in reader(piece))
    else:
        message = _OTHERS.get(kind) or refusal_text(kind)
        yield ReadProblem(message=message or f"a {kind} is no certificate"), False


def _certificate(piece: Piece) -> Iterator[Found]:
    try:
        yield parse_certificate(piece.data).subject
    except Asn1Error as error:
        yield problem_of(error, piece)


def _dump(piece: Piece) -> Iterator[Found]:
    assert piece.dump is not None
    found = read_dump(piece.dump)
    if found.shape is Shape.REQUEST:
        yield ReadProblem(message=_REQUEST)
    elif found.subject is None:
        yield ReadProblem(message="the certutil dump is not whole, and there is no name in it")
    else:
        yield found.subject


def _document(piece: Piece) -> Iterator[Found]:
    yield from _issued(piece.data)


def _message(piece: Piece) -> Iterator[Found]:
    try:
        document = parse_rstrc(piece.data, strict=False).document
    except MdmError as error:
        yield ReadProblem(message=f"no answer with a certificate in it: {error}")
        return
    yield from _issued(document)


def _issued(document: bytes) -> Iterator[Found]:
    part = read_provisioning(document)
    names = [
        item.certificate.subject
        for item in part.client_certificates
        if item.certificate is not None and not item.certificate.is_ca
    ]
    if names:
        yield from names
    else:
        yield ReadProblem(message="the provisioning document has no client certificate to read")


_READERS: Mapping[ArtifactKind, Callable[[Piece], Iterator[Found]]] = MappingProxyType(
    {
        ArtifactKind.CERTIFICATE: _certificate,
        ArtifactKind.DUMP: _dump,
        ArtifactKind.PROVISIONING: _document,
        ArtifactKind.SOAP: _message,
    }
)
_OTHERS: Mapping[ArtifactKind, str] = MappingProxyType(
    {
        ArtifactKind.CSR: _REQUEST,
        ArtifactKind.DUMP_TEXT: (
            "this text has neither string types nor NULs, by which a phone searches; give the "
            "certificate itself or what certutil -asn prints"
        ),
    }
)
