"""Mistakes in the issued certificate: it is signed anew by our CA, with one thing wrong.

Sources: enrollment.md 8.2, 9.2. Certificate and thumbprint in the document fit each other; the
search criteria are those of a server that took the subject it meant. The store records what was
issued.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from mdmcore.base64_text import decode_base64, encode_base64
from mdmcore.enrollment.provisioning import (
    Characteristic,
    ProvisioningDocument,
    parse_provisioning,
)
from mdmcore.errors import MdmError
from mdmcore.http import Response
from mdmcore.namespaces import DEFAULT_CSR_COMMON_NAME
from mdmcore.pki.asn1.name import (
    PRINTABLE_STRING,
    UTF8_STRING,
    DistinguishedName,
    parse_name,
)
from mdmcore.pki.certificate import Certificate, parse_certificate
from mdmcore.pki.certificate_builder import (
    CertificateForm,
    encode_common_name,
    key_identifier,
    sign_certificate,
)
from mdmcore.pki.criteria import hub_criteria, ssl_client_criteria
from mdmcore.server.faults.documents import (
    ANY,
    change_branch,
    document_bytes,
    set_parm,
    with_document,
)
from mdmcore.server.faults.model import Answered, Step, fault

_ENCODED = "EncodedCertificate"
_ISSUES = (Step.ENROLL, Step.RENEW)
_SHARED_NAME = b"MDM Device"


type FormChange = Callable[[CertificateForm, Answered], CertificateForm]


def client_certificate(answered: Answered) -> bytes | None:
    """The DER of the device's certificate in the answer; ``None`` where there is none."""
    data = document_bytes(answered)
    if data is None:
        return None
    return next((made.der for made in _device_certificates(parse_provisioning(data))), None)


def _device_certificates(document: ProvisioningDocument) -> Iterator[Certificate]:
    for path, branch in document.walk():
        if len(path) == 4 and path[:2] == ("CertificateStore", "My"):
            made = _read(branch)
            if made is not None and not made.is_ca:
                yield made


def _read(branch: Characteristic) -> Certificate | None:
    der = decode_base64(branch.value(_ENCODED) or "")
    try:
        return None if der is None else parse_certificate(der)
    except MdmError:
        return None


def reissued(answered: Answered, change: FormChange) -> Response | None:
    """The answer with the device's certificate made anew, under the thumbprint that it then has."""

    def new(branch: Characteristic) -> Characteristic:
        old = _read(branch)
        if old is None or old.is_ca:
            return branch
        form = change(_form(old, answered), answered)
        der = sign_certificate(form, answered.tools.authority.private_key)
        _record(der, answered)
        return stored(der, branch)

    path = ("CertificateStore", "My", ANY, ANY)
    return with_document(answered, lambda document: change_branch(document, path, new))


def _record(der: bytes, answered: Answered) -> None:
    """The server remembers what it issued, right or wrong."""
    made = parse_certificate(der)
    known = answered.tools.store.certificate(made.serial)
    if known is not None:
        corrected = replace(
            known,
            thumbprint=made.thumbprint,
            der=der,
            spki_sha256=made.spki_sha256,
            not_after=made.not_after,
        )
        answered.tools.store.correct_certificate(corrected)


def stored(der: bytes, branch: Characteristic) -> Characteristic:
    """The branch of a store with another certificate."""
    changed = set_parm(_ENCODED, encode_base64(der))(branch)
    return replace(changed or branch, type=parse_certificate(der).thumbprint)


def _form(old: Certificate, answered: Answered) -> CertificateForm:
    """The form of the certificate as it was issued."""
    extensions = x509.load_der_x509_certificate(_with_legal_subject(old)).extensions
    return CertificateForm(
        serial=old.serial,
        issuer=answered.tools.authority.parsed.subject.raw,
        subject=old.subject.raw,
        spki=old.spki,
        not_before=old.not_before,
        not_after=old.not_after,
        extensions=tuple((each.value, each.critical) for each in extensions),
    )


def _with_legal_subject(old: Certificate) -> bytes:
    """The certificate with letters in its subject, which a strict reader takes."""
    legal = old.subject.raw
    for attribute in old.subject.attributes:
        legal = legal.replace(attribute.raw, b"X" * len(attribute.raw))
    return old.der.replace(old.subject.raw, legal)


def _common_name(subject: DistinguishedName) -> bytes:
    """The content of the CN, which our own certificates have last, as the server meant it."""
    return (subject.common_name or "").rstrip("\0!").encode()


@fault("cert-public-key-mismatch", *_ISSUES)
def key_of_the_ca(answered: Answered) -> Response | None:
    """The certificate has the CA's public key instead of the request's."""

    def change(form: CertificateForm, answered: Answered) -> CertificateForm:
        return _with_key(form, answered.tools.authority.parsed.spki)

    return reissued(answered, change)


def _with_key(form: CertificateForm, spki: bytes) -> CertificateForm:
    identifier = x509.SubjectKeyIdentifier(key_identifier(spki))
    extensions = tuple(
        (identifier if isinstance(value, x509.SubjectKeyIdentifier) else value, critical)
        for value, critical in form.extensions
    )
    return replace(form, spki=spki, extensions=extensions)


@fault("cert-default-subject", Step.ENROLL)
def subject_of_the_request(answered: Answered) -> Response | None:
    """The CN of the request is kept, which is the same on each phone."""
    return _renamed(answered, DEFAULT_CSR_COMMON_NAME.encode())


@fault("cert-subject-not-unique", Step.ENROLL)
def one_name_for_all(answered: Answered) -> Response | None:
    """Every device gets the same CN."""
    return _renamed(answered, _SHARED_NAME)


def _renamed(answered: Answered, name: bytes) -> Response | None:
    """Another CN, and the search criteria that fit it."""

    def change(form: CertificateForm, _answered: Answered) -> CertificateForm:
        return replace(form, subject=encode_common_name(name, PRINTABLE_STRING))

    response = reissued(answered, change)
    if response is None:
        return None
    text = name.decode()
    changes = (
        (("APPLICATION",), "SSLCLIENTCERTSEARCHCRITERIA", ssl_client_criteria(text)),
        (("EnterpriseAppManagement", ANY), "CertificateSearchCriteria", hub_criteria(text)),
    )

    def criteria(document: ProvisioningDocument) -> ProvisioningDocument:
        for path, parm, value in changes:
            document = change_branch(document, path, set_parm(parm, value))
        return document

    return with_document(replace(answered, response=response), criteria) or response


@fault("cert-subject-not-printable", *_ISSUES)
def utf8_subject(answered: Answered) -> Response | None:
    """The CN is a UTF8String."""

    def change(form: CertificateForm, _answered: Answered) -> CertificateForm:
        name = _common_name(parse_name(form.subject))
        return replace(form, subject=encode_common_name(name, UTF8_STRING))

    return reissued(answered, change)


@fault("cert-subject-has-nul", *_ISSUES)
def nul_in_subject(answered: Answered) -> Response | None:
    """The CN ends with a NUL."""

    def change(form: CertificateForm, _answered: Answered) -> CertificateForm:
        name = _common_name(parse_name(form.subject)) + bytes(1)
        return replace(form, subject=encode_common_name(name, PRINTABLE_STRING))

    return reissued(answered, change)


@fault("cert-subject-illegal-printable", *_ISSUES)
def illegal_character(answered: Answered) -> Response | None:
    """The CN is a PrintableString with an exclamation mark, which the search criteria have, too."""
    der = client_certificate(answered)
    if der is None:
        return None
    return _renamed(answered, _common_name(parse_certificate(der).subject) + b"!")


@fault("cert-no-client-auth-eku", *_ISSUES)
def server_usage(answered: Answered) -> Response | None:
    """The extended key usage names serverAuth only."""

    def change(form: CertificateForm, _answered: Answered) -> CertificateForm:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        return replace(
            form,
            extensions=tuple(
                (usage if isinstance(value, x509.ExtendedKeyUsage) else value, critical)
                for value, critical in form.extensions
            ),
        )

    return reissued(answered, change)


@fault("cert-not-yet-valid", *_ISSUES)
def valid_tomorrow(answered: Answered) -> Response | None:
    """The certificate begins tomorrow."""
    return _dated(answered, timedelta(days=1), timedelta(days=366))


@fault("cert-backdated-by-renewal", *_ISSUES)
def backdated(answered: Answered) -> Response | None:
    """notBefore lies before the request by the renewal period."""
    period = timedelta(days=answered.tools.settings.renewal_period_days)
    return _dated(answered, -period, timedelta(days=365))


@fault("cert-lifetime-shorter-than-renew-period", *_ISSUES)
def short_life(answered: Answered) -> Response | None:
    """The certificate ends inside its own renewal period."""
    days = max(1, answered.tools.settings.renewal_period_days // 2)
    return _dated(answered, -timedelta(hours=1), timedelta(days=days))


@fault("cert-expired", *_ISSUES)
def expired(answered: Answered) -> Response | None:
    """The certificate ended yesterday."""
    return _dated(answered, -timedelta(days=3), -timedelta(days=1))


def _dated(answered: Answered, begin: timedelta, end: timedelta) -> Response | None:
    """Another validity, counted from now."""
    now = answered.tools.clock()

    def change(form: CertificateForm, _answered: Answered) -> CertificateForm:
        return replace(form, not_before=now + begin, not_after=now + end)

    return reissued(answered, change)


@fault("cert-leaf-is-root", *_ISSUES)
def its_own_issuer(answered: Answered) -> Response | None:
    """The certificate's issuer is its own subject."""

    def change(form: CertificateForm, _answered: Answered) -> CertificateForm:
        return replace(form, issuer=form.subject)

    return reissued(answered, change)
