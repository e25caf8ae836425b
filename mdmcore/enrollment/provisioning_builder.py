"""The provisioning document that enrols a Windows Phone 8.0 (enrollment.md 9.8).

Branch order as in all samples: CertificateStore, APPLICATION, Registry, DMClient, then
EnterpriseAppManagement when there is a hub. Keys, nonces and secrets come in by parameter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import MappingProxyType

from mdmcore.base64_text import encode_base64
from mdmcore.enrollment.provisioning import Characteristic, Parm, ProvisioningDocument
from mdmcore.enrollment.provisioning_view import AppManagement
from mdmcore.errors import ConfigError
from mdmcore.namespaces import ENROLLMENT_KEY, OMA_DM_RETRY_KEY, SYNCML_XML_MEDIA_TYPE
from mdmcore.records import Account, AuthScheme

DEFAULT_RETRY_SCHEDULE: Mapping[str, int] = MappingProxyType(
    {
        "NumRetries": 8,
        "RetryInterval": 60,
        "AuxNumRetries": 10,
        "AuxRetryInterval": 15,
        "Aux2NumRetries": 0,
        "Aux2RetryInterval": 480,
    }
)
"""First set (Aux) 10 times each 15 minutes, then 8 times hourly, then each 8 hours for ever."""

DEFAULT_RENEWAL_PERIOD_DAYS = 42


def thumbprint(certificate: bytes) -> str:
    """SHA-1 of the DER certificate as 40 upper-case hex digits: the name of its branch."""
    return hashlib.sha1(certificate, usedforsecurity=False).hexdigest().upper()


def build_wp8_document(
    *,
    root_certificate: bytes,
    client_certificate: bytes,
    provider_id: str,
    name: str,
    addr: str,
    account: Account,
    criteria: str,
    device_name: str,
    ent_dmid: str,
    retry_schedule: Mapping[str, int] = DEFAULT_RETRY_SCHEDULE,
    renewal_period_days: int = DEFAULT_RENEWAL_PERIOD_DAYS,
    hub: AppManagement | None = None,
) -> ProvisioningDocument:
    """The document; certificates are DER, ``criteria`` is the SSLCLIENTCERTSEARCHCRITERIA text.

    ``account`` gives both APPAUTH entries. Raises ConfigError when it has no server secret or no
    nonce, or a hub no token.
    """
    branches = [
        _certificate_store(root_certificate, client_certificate),
        _application(provider_id, name, addr, account, criteria),
        _registry(retry_schedule, renewal_period_days),
        _dm_client(provider_id, device_name, ent_dmid),
    ]
    if hub is not None:
        branches.append(_app_management(hub))
    return ProvisioningDocument(characteristics=tuple(branches))


def _branch(type: str, *below: Characteristic, parms: tuple[Parm, ...] = ()) -> Characteristic:
    return Characteristic(type=type, parms=parms, characteristics=below)


def _parms(*pairs: tuple[str, str], datatype: str | None = None) -> tuple[Parm, ...]:
    return tuple(Parm(name=name, value=value, datatype=datatype) for name, value in pairs)


def _certificate(der: bytes) -> Characteristic:
    return _branch(thumbprint(der), parms=_parms(("EncodedCertificate", encode_base64(der))))


def _certificate_store(root: bytes, client: bytes) -> Characteristic:
    return _branch(
        "CertificateStore",
        _branch("Root", _branch("System", _certificate(root))),
        _branch("My", _branch("User", _certificate(client), _branch("PrivateKeyContainer"))),
    )


def _application(
    provider_id: str, name: str, addr: str, account: Account, criteria: str
) -> Characteristic:
    parms = (
        *_parms(
            ("APPID", "w7"),
            ("PROVIDER-ID", provider_id),
            ("NAME", name),
            ("ADDR", addr),
            ("CONNRETRYFREQ", "6"),
            ("INITIALBACKOFFTIME", "30000"),
            ("MAXBACKOFFTIME", "120000"),
        ),
        Parm(name="BACKCOMPATRETRYDISABLED"),
        *_parms(
            ("DEFAULTENCODING", SYNCML_XML_MEDIA_TYPE),
            ("SSLCLIENTCERTSEARCHCRITERIA", criteria),
        ),
    )
    return _branch("APPLICATION", _server_auth(account), _device_auth(account), parms=parms)


def _server_auth(account: Account) -> Characteristic:
    """APPAUTH CLIENT: what the server presents, always DIGEST; its user is PROVIDER-ID."""
    if account.server_secret is None or not account.nonce_s2c:
        raise ConfigError("the account has no server secret or no nonce for the APPAUTH CLIENT")
    return _branch(
        "APPAUTH",
        parms=_parms(
            ("AAUTHLEVEL", "CLIENT"),
            ("AAUTHTYPE", "DIGEST"),
            ("AAUTHSECRET", account.server_secret),
            ("AAUTHDATA", encode_base64(account.nonce_s2c)),
        ),
    )


def _device_auth(account: Account) -> Characteristic:
    """APPAUTH APPSRV: what the phone presents, BASIC or DIGEST."""
    is_digest = account.scheme is AuthScheme.MD5
    pairs = [
        ("AAUTHLEVEL", "APPSRV"),
        ("AAUTHTYPE", "DIGEST" if is_digest else "BASIC"),
        ("AAUTHNAME", account.name),
        ("AAUTHSECRET", account.secret),
    ]
    if is_digest:
        if not account.nonce_c2s:
            raise ConfigError("the account has no nonce for the APPAUTH APPSRV")
        pairs.append(("AAUTHDATA", encode_base64(account.nonce_c2s)))
    return _branch("APPAUTH", parms=_parms(*pairs))


def _registry(schedule: Mapping[str, int], renewal_period_days: int) -> Characteristic:
    retries = [(name, str(value)) for name, value in schedule.items()]
    renewal = ("RenewalPeriod", str(renewal_period_days))
    return _branch(
        "Registry",
        _branch(ENROLLMENT_KEY, parms=_parms(renewal, datatype="integer")),
        _branch(OMA_DM_RETRY_KEY, parms=_parms(*retries, datatype="integer")),
    )


def _dm_client(provider_id: str, device_name: str, ent_dmid: str) -> Characteristic:
    parms = _parms(("EntDeviceName", device_name), ("EntDMID", ent_dmid), datatype="string")
    return _branch("DMClient", _branch("Provider", _branch(provider_id, parms=parms)))


def _app_management(hub: AppManagement) -> Characteristic:
    if not hub.enrollment_token:
        raise ConfigError("a hub needs the EnrollmentToken of an .aetx")
    pairs = (
        ("EnrollmentToken", hub.enrollment_token),
        ("StoreProductId", hub.store_product_id),
        ("StoreURI", hub.store_uri),
        ("StoreName", hub.store_name),
        ("CertificateSearchCriteria", hub.certificate_search_criteria),
        ("CRLCheck", hub.crl_check),
    )
    given = [(name, value) for name, value in pairs if value is not None]
    return _branch(
        "EnterpriseAppManagement",
        _branch(hub.enterprise_id, parms=_parms(*given, datatype="string")),
    )
