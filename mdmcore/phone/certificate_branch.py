"""Reading CertificateStore: what goes into which store, and where the key is bound (9.2)."""

from __future__ import annotations

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.provisioning import ProvisioningDocument
from mdmcore.enrollment.provisioning_view import StoredCertificate, certificates, parm_path
from mdmcore.errors import ParseError
from mdmcore.phone.certificate_store import PERSONAL, HeldCertificate
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.settings import Caution, PhoneSettings
from mdmcore.pki.certificate import Certificate, parse_certificate
from mdmcore.profiles import DeviceProfile, Store

_STORE = "/wap-provisioningdoc/characteristic[@type='CertificateStore']"
_CONTAINER = "PrivateKeyContainer"
_FAILED = 0x8018001E
_NOTHING_TO_BIND = 0x80180024


def read_certificates(
    document: ProvisioningDocument, settings: PhoneSettings, key_sha256: str
) -> tuple[HeldCertificate, ...]:
    """The certificates of the document; Refusal(provisioning) when the branch fails."""
    device = settings.device
    stored = certificates(document, ignore_case=not device.is_case_sensitive)
    held = tuple(_held(one, device, key_sha256) for one in stored)
    if not any(entry.store == PERSONAL for entry in held):
        place = f"{_STORE}/{_characteristics(device.client_store)}"
        raise _refusal("no certificate to bind the key to", place, hresult=_NOTHING_TO_BIND)
    if Caution.PRIVATE_KEY_CONTAINER in settings.cautions:
        _need_key_container(document, device)
    if Caution.CA_COUNT in settings.cautions:
        _refuse_many_authorities(held)
    return held


def _held(stored: StoredCertificate, device: DeviceProfile, key_sha256: str) -> HeldCertificate:
    store = _store(stored, device)
    certificate = _certificate(stored)
    if certificate.thumbprint != stored.thumbprint:
        raise _refusal(
            f"the name is not the certificate's thumbprint {certificate.thumbprint}",
            stored.path,
            stored.thumbprint,
        )
    binds = device.certificate_stores[store]
    return HeldCertificate(
        store=store.store,
        scope=store.scope,
        certificate=certificate,
        has_key=binds and certificate.spki_sha256 == key_sha256,
    )


def _store(stored: StoredCertificate, device: DeviceProfile) -> Store:
    """The device's own name of the store that is meant."""
    meant = Store(store=stored.store, scope=stored.scope)
    for known in device.certificate_stores:
        if known == meant:
            return known
        if not device.is_case_sensitive and str(known).lower() == str(meant).lower():
            return known
    there = ", ".join(map(str, device.certificate_stores))
    raise _refusal(f"there is no such certificate store, only {there}", stored.path, str(meant))


def _certificate(stored: StoredCertificate) -> Certificate:
    place = parm_path(stored.path, "EncodedCertificate")
    has_blanks = any(character.isspace() for character in stored.text)
    der = None if has_blanks else decode_base64(stored.text)
    if der is None:
        raise _refusal("EncodedCertificate is not one line of base64", place, stored.text[:60])
    try:
        return parse_certificate(der)
    except ParseError as error:
        raise _refusal(
            f"EncodedCertificate is not a certificate: {error}", place, stored.text[:60]
        ) from None


def _need_key_container(document: ProvisioningDocument, device: DeviceProfile) -> None:
    """The container beside the client certificate, or in it; with the parms a PC looks for."""
    place = f"{_STORE}/{_characteristics(device.client_store)}/characteristic[@type='{_CONTAINER}']"
    for path, branch in document.walk():
        if path[:1] == ("CertificateStore",) and branch.type == _CONTAINER:
            missing = [name for name, *_ in device.key_container if branch.parm(name) is None]
            if missing:
                raise _refusal(f"{_CONTAINER} lacks {', '.join(missing)}", place)
            return
    raise _refusal(f"no {_CONTAINER} beside the client certificate", place)


def _refuse_many_authorities(held: tuple[HeldCertificate, ...]) -> None:
    """One root and one intermediate; the latter may stand beside the client certificate."""
    roots = [entry for entry in held if entry.store == "Root"]
    personal = [entry for entry in held if entry.store == PERSONAL and entry.certificate.is_ca]
    intermediates = [entry for entry in held if entry.store == "CA"] + personal
    for store, found in (("Root", roots), ("CA", intermediates)):
        if len(found) > 1:
            raise _refusal(
                f"{len(found)} certificates in {store}, the device takes one",
                f"{_STORE}/characteristic[@type='{store}']",
                str(len(found)),
            )


def _characteristics(store: Store) -> str:
    return f"characteristic[@type='{store.store}']/characteristic[@type='{store.scope}']"


def _refusal(reason: str, place: str, evidence: str = "", *, hresult: int = _FAILED) -> Refusal:
    return Refusal(reason, step=Step.PROVISIONING, place=place, evidence=evidence, hresult=hresult)
