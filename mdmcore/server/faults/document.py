"""Mistakes of the provisioning document as such, and of its certificate branches.

Sources: enrollment.md 9.1, 9.2.
"""

from __future__ import annotations

from dataclasses import replace

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.provisioning import Characteristic, ProvisioningDocument
from mdmcore.http import Response
from mdmcore.pki.pem import CERTIFICATE, encode_pem
from mdmcore.server.faults.certificates import stored
from mdmcore.server.faults.documents import (
    ANY,
    edit_parm,
    with_branch,
    with_document,
    with_document_bytes,
)
from mdmcore.server.faults.foreign_ca import foreign_certificate
from mdmcore.server.faults.model import Answered, Step, fault

_ISSUES = (Step.ENROLL, Step.RENEW)
_STORE = "CertificateStore"
_ENCODED = "EncodedCertificate"


@fault("wap-not-wellformed", *_ISSUES)
def long_dash(answered: Answered) -> Response | None:
    """A comment that begins with a long dash, as the printed samples have it."""
    head = b"<wap-provisioningdoc"
    comment = "<!\N{EN DASH} enrolment \N{EN DASH}>".encode()
    return with_document_bytes(
        answered, lambda data: data.replace(b">", b">" + comment, 1) if head in data else data
    )


@fault("wap-not-utf8", *_ISSUES)
def latin_1(answered: Answered) -> Response | None:
    """The document says and is ISO-8859-1."""
    declaration = b'<?xml version="1.0" encoding="ISO-8859-1"?>'
    return with_document_bytes(
        answered, lambda data: declaration + data.decode().encode("latin-1", "replace")
    )


@fault("wap-version", *_ISSUES)
def other_version(answered: Answered) -> Response | None:
    """The root's version is 2.0."""
    return with_document(answered, lambda document: replace(document, version="2.0"))


@fault("wap-thumbprint-mismatch", *_ISSUES)
def other_thumbprint(answered: Answered) -> Response | None:
    """The device's certificate stands under another thumbprint."""

    def change(branch: Characteristic) -> Characteristic:
        if branch.parm(_ENCODED) is None:
            return branch
        return replace(branch, type=branch.type[::-1])

    return with_branch(answered, (_STORE, "My", ANY, ANY), change)


@fault("wap-cert-formatting", *_ISSUES)
def pem_in_document(answered: Answered) -> Response | None:
    """The certificates are PEM."""

    def pem(text: str) -> str:
        return encode_pem(CERTIFICATE, decode_base64(text) or b"").decode()

    return with_branch(answered, (_STORE, "My", ANY, ANY), edit_parm(_ENCODED, pem))


@fault("wap-store-case", *_ISSUES)
def upper_case_store(answered: Answered) -> Response | None:
    """The store My is called MY."""
    return with_branch(answered, (_STORE, "My"), lambda branch: replace(branch, type="MY"))


@fault("wap-client-cert-store", *_ISSUES)
def system_store(answered: Answered) -> Response | None:
    """The device's certificate goes to My/System."""
    return with_branch(
        answered, (_STORE, "My", "User"), lambda branch: replace(branch, type="System")
    )


@fault("wap-private-key-container-missing", *_ISSUES)
def no_key_container(answered: Answered) -> Response | None:
    """No PrivateKeyContainer."""

    def change(document: ProvisioningDocument) -> ProvisioningDocument:
        return replace(document, characteristics=_without(document.characteristics))

    return with_document(answered, change)


def _without(branches: tuple[Characteristic, ...]) -> tuple[Characteristic, ...]:
    return tuple(
        replace(branch, characteristics=_without(branch.characteristics))
        for branch in branches
        if branch.type != "PrivateKeyContainer"
    )


@fault("wap-too-many-cas", *_ISSUES)
def second_root(answered: Answered) -> Response | None:
    """A second root certificate, of another CA."""
    other = foreign_certificate(answered.tools)

    def change(branch: Characteristic) -> Characteristic:
        more = (stored(other, one) for one in branch.characteristics[:1])
        return replace(branch, characteristics=(*branch.characteristics, *more))

    return with_branch(answered, (_STORE, "Root", "System"), change)


@fault("wap-root-not-issuer", *_ISSUES)
def other_root(answered: Answered) -> Response | None:
    """The root is that of another CA."""
    other = foreign_certificate(answered.tools)
    return with_branch(
        answered, (_STORE, "Root", "System", ANY), lambda branch: stored(other, branch)
    )
