"""Writing the provisioning document that enrols a device (enrollment.md 9.1 to 9.8).

Branch order as in all samples: CertificateStore, APPLICATION, Registry, DMClient,
EnterpriseAppManagement, then what was added. Every value stands in the model already; which of
them a generation of devices gets is decided in ``provisioning_form``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from mdmcore.base64_text import encode_base64
from mdmcore.enrollment.provisioning import Characteristic, Parm, ProvisioningDocument
from mdmcore.enrollment.provisioning_checks import check_provisioning
from mdmcore.enrollment.provisioning_extra import check_extra
from mdmcore.enrollment.provisioning_form import form_for
from mdmcore.enrollment.provisioning_model import (
    APPLICATION_FLAGS,
    APPLICATION_NUMBERS,
    POLL_FLAGS,
    POLL_NAMES,
    REGISTRY_NAMES,
    Application,
    ApplicationParms,
    CertificateStore,
    DeviceCredential,
    DmClientBranch,
    NumberNames,
    Poll,
    Provisioning,
    Registry,
    Renew,
    Schedule,
    ServerCredential,
)
from mdmcore.enrollment.provisioning_view import REQUIRE_MESSAGE_SIGNING, AppManagement
from mdmcore.profiles import ON_PREMISE, DeviceProfile, Store
from mdmcore.records import AuthScheme

_ROOT = Store(store="Root", scope="System")


def thumbprint(certificate: bytes) -> str:
    """SHA-1 of the DER certificate as 40 upper-case hex digits: the name of its branch."""
    return hashlib.sha1(certificate, usedforsecurity=False).hexdigest().upper()


def build_document(
    profile: DeviceProfile,
    content: Provisioning,
    *,
    auth_policy: str = ON_PREMISE,
    is_device_enrollment: bool = False,
) -> ProvisioningDocument:
    """The document in the form of the profile; the arguments are those of ``form_for``.

    Raises ConfigError for values that no device can use.
    """
    form = form_for(
        profile, content, auth_policy=auth_policy, is_device_enrollment=is_device_enrollment
    )
    check_provisioning(form)
    document = document_of(form)
    check_extra(form.extra, document.characteristics)
    return ProvisioningDocument(characteristics=(*document.characteristics, *form.extra))


def document_of(content: Provisioning) -> ProvisioningDocument:
    """The branches of the content as they stand in it, nothing checked, without ``extra``."""
    provider_id = content.application.provider_id
    branches = [
        certificate_store(content.certificates),
        _application(content.application),
        None if content.registry is None else _registry(content.registry),
        None if content.dm_client is None else _dm_client(content.dm_client, provider_id),
        None if content.app_management is None else _app_management(content.app_management),
    ]
    return ProvisioningDocument(characteristics=_present(*branches))


def certificate_store(certificates: CertificateStore) -> Characteristic:
    """The CertificateStore branch: root, intermediate, client certificate, renewal (9.2)."""
    container = None
    if certificates.key_container is not None:
        container = _branch("PrivateKeyContainer", parms=certificates.key_container)
    is_inside = certificates.is_key_container_inside
    client = _certificate(certificates.client, container if is_inside else None)
    stores: dict[str, dict[str, list[Characteristic]]] = {}

    def put(store: Store, *branches: Characteristic | None) -> None:
        stores.setdefault(store.store, {}).setdefault(store.scope, []).extend(_present(*branches))

    if certificates.root is not None:
        put(_ROOT, _certificate(certificates.root))
    if certificates.intermediate is not None and certificates.intermediate_store.store != "My":
        put(certificates.intermediate_store, _certificate(certificates.intermediate))
    put(certificates.client_store, client, None if is_inside else container)
    if certificates.intermediate is not None and certificates.intermediate_store.store == "My":
        put(certificates.intermediate_store, _certificate(certificates.intermediate))
    below = {
        name: [_branch(scope, *branches) for scope, branches in scopes.items()]
        for name, scopes in stores.items()
    }
    if certificates.renew is not None:
        below["My"].append(_branch("WSTEP", _renew(certificates.renew)))
    return _branch("CertificateStore", *(_branch(name, *each) for name, each in below.items()))


def _renew(renew: Renew) -> Characteristic:
    """The datatypes are compulsory (9.2)."""
    parms = [
        Parm(name="ROBOSupport", value=_boolean(renew.robo_support), datatype="boolean"),
        Parm(name="RenewPeriod", value=str(renew.renew_period), datatype="integer"),
        Parm(name="RetryInterval", value=str(renew.retry_interval), datatype="integer"),
    ]
    if renew.server_url:
        parms.append(Parm(name="ServerURL", value=renew.server_url, datatype="string"))
    return _branch("Renew", parms=parms)


def _application(application: Application) -> Characteristic:
    parms = application.parms
    texts = (
        ("APPID", "w7"),
        ("PROVIDER-ID", application.provider_id),
        ("NAME", application.name),
        ("SSPHyperlink", parms.ssp_hyperlink),
        ("ADDR", application.addr),
        ("ServerList", parms.server_list),
        ("ROLE", "" if parms.role is None else str(parms.role)),
        ("CRLCheck", "" if parms.crl_check is None else str(int(parms.crl_check))),
    )
    return _branch(
        "APPLICATION",
        _server_auth(application.server_credential),
        _device_auth(application.device_credential),
        parms=(*_texts(texts), *_free_parms(parms, application.criteria)),
    )


def _free_parms(parms: ApplicationParms, criteria: str) -> Iterable[Parm]:
    for attribute, name in APPLICATION_NUMBERS:
        number = getattr(parms, attribute)
        if number is not None:
            yield Parm(name=name, value=str(number))
    for attribute, name in APPLICATION_FLAGS:
        if getattr(parms, attribute):
            yield Parm(name=name)
    yield from _texts(
        (
            ("DEFAULTENCODING", parms.default_encoding),
            ("PROTOVER", parms.proto_ver),
            ("TO-NAPID", parms.to_napid),
            ("SSLCLIENTCERTSEARCHCRITERIA", criteria),
        )
    )


def _server_auth(credential: ServerCredential) -> Characteristic:
    pairs = (
        ("AAUTHLEVEL", "CLIENT"),
        ("AAUTHTYPE", "DIGEST"),
        ("AAUTHSECRET", credential.secret),
        ("AAUTHDATA", encode_base64(credential.nonce)),
    )
    return _branch("APPAUTH", parms=_texts(pairs))


def _device_auth(credential: DeviceCredential) -> Characteristic:
    is_digest = credential.scheme is not AuthScheme.BASIC
    pairs = (
        ("AAUTHLEVEL", "APPSRV"),
        ("AAUTHTYPE", "DIGEST" if is_digest else "BASIC"),
        ("AAUTHNAME", credential.name),
        ("AAUTHSECRET", credential.secret),
        ("AAUTHDATA", encode_base64(credential.nonce) if is_digest else ""),
    )
    return _branch("APPAUTH", parms=_texts(pairs))


def _registry(registry: Registry) -> Characteristic:
    renewal, retries = registry.renewal_period, registry.retries
    period = None
    if renewal is not None:
        parm = Parm(name="RenewalPeriod", value=str(renewal), datatype="integer")
        period = _branch(registry.renewal_key, parms=(parm,))
    schedule = None
    if retries is not None:
        schedule = _branch(registry.retry_key, parms=_numbers(retries, REGISTRY_NAMES))
    return _branch("Registry", period, schedule)


def _dm_client(branch: DmClientBranch, provider_id: str) -> Characteristic:
    addresses = "".join(f"<{each}>" for each in branch.management_server_address_list)
    texts = (
        ("EntDeviceName", branch.ent_device_name),
        ("EntDMID", branch.ent_dmid),
        ("UPN", branch.upn),
        ("ManagementServerAddressList", addresses),
    )
    signing = Parm(name=REQUIRE_MESSAGE_SIGNING, value=_boolean(True), datatype="boolean")
    provider = _branch(
        provider_id,
        None if branch.poll is None else _poll(branch.poll),
        parms=(
            *_texts(texts, datatype="string"),
            *((signing,) if branch.requires_message_signing else ()),
            *branch.parms,
        ),
    )
    return _branch("DMClient", _branch("Provider", provider))


def _poll(poll: Poll) -> Characteristic:
    flags = tuple(
        Parm(name=name, value=_boolean(value), datatype="boolean")
        for attribute, name in POLL_FLAGS
        if (value := getattr(poll, attribute)) is not None
    )
    return _branch("Poll", parms=(*_numbers(poll.schedule, POLL_NAMES), *flags))


def _app_management(hub: AppManagement) -> Characteristic:
    pairs = (
        ("EnrollmentToken", hub.enrollment_token),
        ("StoreProductId", hub.store_product_id),
        ("StoreURI", hub.store_uri),
        ("StoreName", hub.store_name),
        ("CertificateSearchCriteria", hub.certificate_search_criteria),
        ("CRLCheck", hub.crl_check),
    )
    given = tuple(
        Parm(name=name, value=value, datatype="string")
        for name, value in pairs
        if value is not None
    )
    return _branch("EnterpriseAppManagement", _branch(hub.enterprise_id, parms=given))


def _branch(type: str, *below: Characteristic | None, parms: Iterable[Parm] = ()) -> Characteristic:
    return Characteristic(type=type, parms=tuple(parms), characteristics=_present(*below))


def _present(*branches: Characteristic | None) -> tuple[Characteristic, ...]:
    return tuple(branch for branch in branches if branch is not None)


def _certificate(der: bytes, *below: Characteristic | None) -> Characteristic:
    parm = Parm(name="EncodedCertificate", value=encode_base64(der))
    return _branch(thumbprint(der), *below, parms=(parm,))


def _texts(pairs: Iterable[tuple[str, str]], *, datatype: str | None = None) -> tuple[Parm, ...]:
    """Those that are not empty."""
    return tuple(Parm(name=name, value=text, datatype=datatype) for name, text in pairs if text)


def _numbers(schedule: Schedule, names: NumberNames) -> tuple[Parm, ...]:
    return tuple(
        Parm(name=name, value=str(getattr(schedule, attribute)), datatype="integer")
        for attribute, name in names
    )


def _boolean(value: bool) -> str:
    return "true" if value else "false"
