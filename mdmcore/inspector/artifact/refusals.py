"""What is known but not read here: what it is, and what to do with it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.layers import Piece
from mdmcore.inspector.artifact.values import ArtifactReport, ReadProblem

_TEXTS: Mapping[ArtifactKind, tuple[str, str]] = MappingProxyType(
    {
        ArtifactKind.PKCS12: (
            "a PKCS#12 file (.pfx, .p12): certificate and private key under a password",
            "take the certificate out: openssl pkcs12 -in FILE -nokeys -clcerts -out device.pem",
        ),
        ArtifactKind.PRIVATE_KEY: (
            "a private key",
            "it is not read, and belongs in nobody's hands but its owner's; give the certificate",
        ),
        ArtifactKind.PUBLIC_KEY: ("a bare public key", "give the CSR or certificate it is in"),
        ArtifactKind.CRL: (
            "a certificate revocation list",
            "give the certificate; lists are not judged",
        ),
        ArtifactKind.OTHER_CMS: (
            "a CMS message that is not signed data",
            "a renewal sends SignedData; give that token",
        ),
        ArtifactKind.OPENSSL_TEXT: (
            "what openssl prints with -text",
            "it has neither string types nor NULs; give the file itself",
        ),
        ArtifactKind.ENCRYPTED_TOKEN: (
            "an encrypted token (JWE)",
            "only its receiver can read it; give the message it came in",
        ),
        ArtifactKind.FRAGMENT: (
            "a piece of a provisioning document",
            "give the whole document, from <wap-provisioningdoc to </wap-provisioningdoc>",
        ),
        ArtifactKind.HTML: (
            "an HTML page, no message of the protocol",
            "a server that answers with one shows an error page: look at its log",
        ),
        ArtifactKind.OTHER_XML: (
            "XML that is neither SOAP, SyncML, AET nor a provisioning document",
            "give the message or the document itself",
        ),
        ArtifactKind.CAPTURE: (
            "a capture of traffic",
            "use mdmproxy analyze",
        ),
        ArtifactKind.ARCHIVE: (
            "an archive or an app package",
            "unpack it and give the file that is meant",
        ),
        ArtifactKind.COMPRESSED: (
            "gzip-compressed data",
            "decompress it first: gzip -dc FILE | mdmproxy lint -",
        ),
        ArtifactKind.EVENT_LOG: (
            "a Windows event log",
            "give the message itself; mdmproxy explain reads the codes in a log's text",
        ),
        ArtifactKind.EMPTY: ("nothing: the file is empty", "save the message once more"),
        ArtifactKind.UNKNOWN_DER: (
            "DER, but neither a CSR nor a certificate nor a renewal token",
            "give one of these",
        ),
        ArtifactKind.UNKNOWN: (
            "nothing of the enrolment",
            "give a SOAP or SyncML message, a provisioning document, an .aetx file, a CSR, a "
            "certificate, a renewal token, a user token or a certutil dump of one",
        ),
    }
)


def refusal_text(kind: ArtifactKind) -> str | None:
    """What it is and what to do, in a sentence; ``None`` for a kind that is read."""
    texts = _TEXTS.get(kind)
    return None if texts is None else f"this is {texts[0]}; {texts[1]}"


def refuse(piece: Piece, name: str) -> ArtifactReport:
    """The report of what is not read: a problem that says what to do."""
    what, _ = _TEXTS[piece.kind]
    where = f"behind {' > '.join(piece.layers)}" if piece.layers else ""
    return ArtifactReport(
        name=name,
        kind=piece.kind,
        summary=what,
        layers=piece.layers,
        problem=ReadProblem(message=refusal_text(piece.kind) or what, where=where),
    )
