"""Reading a provisioning document back into the typed values of ``provisioning_model``.

The reverse of ``provisioning_builder``: letters of names in any case, branches in any order,
whatever else stands there skipped. Places of values, and reading documents that enrol nobody, are
the business of ``provisioning_view``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.provisioning import Characteristic, ProvisioningDocument
from mdmcore.enrollment.provisioning_model import (
    CA_SYSTEM,
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
from mdmcore.enrollment.provisioning_view import REQUIRE_MESSAGE_SIGNING, app_management, is_true
from mdmcore.errors import ServerFault
from mdmcore.profiles import Store
from mdmcore.records import AuthScheme

_INTEGER = re.compile(r"\s*([+-]?[0-9]{1,10})\s*\Z")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_ADDRESS = re.compile(r"<([^<>]*)>")
_RETRY_LEAF = "omadmretry"
_OWN_PARMS = {"entdevicename", "entdmid", "upn", "managementserveraddresslist"}
_READ = {"certificatestore", "dmclient", "enterpriseappmanagement"}


def provisioning_of(document: ProvisioningDocument) -> Provisioning:
    """What the document says.

    Raises ServerFault with the branch when it enrols nobody (no client certificate, no w7
    APPLICATION, not both credentials) or a number or a base64 text is none.
    """
    account = next(filter(_is_account, document.characteristics), None)
    if account is None:
        raise ServerFault("no APPLICATION with APPID w7", place="APPLICATION")
    hub = app_management(document, ignore_case=True)
    return Provisioning(
        certificates=_certificates(document),
        application=_application(account),
        registry=_registry(document),
        dm_client=_dm_client(document, _text(account, "PROVIDER-ID")),
        app_management=None if hub is None else replace(hub, path=""),
        extra=tuple(branch for branch in document.characteristics if not _is_read(branch, account)),
    )


def _is_account(branch: Characteristic) -> bool:
    return _is(branch, "APPLICATION") and _text(branch, "APPID").lower() == "w7"


def _is_read(branch: Characteristic, account: Characteristic) -> bool:
    if branch is account or branch.type.lower() in _READ:
        return True
    return _is(branch, "Registry") and any(map(_registry_part, branch.characteristics))


# --- CertificateStore (9.2) ---------------------------------------------------------------------


def _certificates(document: ProvisioningDocument) -> CertificateStore:
    found: dict[str, list[tuple[Store, bytes, Characteristic]]] = {}
    for store, branch in _stored(document):
        der = decode_base64(_text(branch, "EncodedCertificate"))
        if der is None:
            raise ServerFault("EncodedCertificate is no base64", place=f"{store}/{branch.type}")
        found.setdefault(store.store.lower(), []).append((store, der, branch))
    personal = found.get("my", [])
    if not personal:
        raise ServerFault("no client certificate", place="CertificateStore/My")
    store, der, branch = personal[0]
    # An intermediate below CA, or beside the client certificate (9.2: sources disagree).
    intermediates = found.get("ca", []) or personal[1:]
    roots = found.get("root", [])
    inside = branch.child("PrivateKeyContainer", ignore_case=True)
    beside = _first(document, ("CertificateStore", store.store, store.scope, "PrivateKeyContainer"))
    container = inside or beside
    return CertificateStore(
        client=der,
        root=roots[0][1] if roots else None,
        intermediate=intermediates[0][1] if intermediates else None,
        client_store=store,
        intermediate_store=intermediates[0][0] if intermediates else CA_SYSTEM,
        key_container=None if container is None else container.parms,
        is_key_container_inside=inside is not None,
        renew=_renew(_first(document, ("CertificateStore", store.store, "WSTEP", "Renew"))),
    )


def _stored(document: ProvisioningDocument) -> Iterator[tuple[Store, Characteristic]]:
    for types, branch in document.walk():
        is_stored = len(types) == 4 and types[0].lower() == "certificatestore"
        if is_stored and branch.parm("EncodedCertificate", ignore_case=True) is not None:
            yield _store(types[1], types[2]), branch


def _store(store: str, scope: str) -> Store:
    """The store under its usual letters."""
    names = {"my": "My", "ca": "CA"}
    return Store(store=names.get(store.lower(), store.title()), scope=scope.title())


def _renew(branch: Characteristic | None) -> Renew | None:
    if branch is None:
        return None
    usual = Renew()
    support = _flag(branch, "ROBOSupport")
    period, interval = _number(branch, "RenewPeriod"), _number(branch, "RetryInterval")
    return Renew(
        robo_support=False if support is None else support,
        renew_period=usual.renew_period if period is None else period,
        retry_interval=usual.retry_interval if interval is None else interval,
        server_url=_text(branch, "ServerURL"),
    )


# --- APPLICATION (9.3) --------------------------------------------------------------------------


def _application(branch: Characteristic) -> Application:
    addr = _text(branch, "ADDR")
    if not addr and (below := branch.child("APPADDR", ignore_case=True)) is not None:
        addr = _text(below, "ADDR")
    return Application(
        provider_id=_text(branch, "PROVIDER-ID"),
        name=_text(branch, "NAME"),
        addr=addr,
        criteria=_text(branch, "SSLCLIENTCERTSEARCHCRITERIA"),
        server_credential=_server_credential(_credential(branch, "CLIENT")),
        device_credential=_device_credential(_credential(branch, "APPSRV")),
        parms=_application_parms(branch),
    )


def _application_parms(branch: Characteristic) -> ApplicationParms:
    return ApplicationParms(
        conn_retry_freq=_number(branch, "CONNRETRYFREQ"),
        initial_backoff_time=_number(branch, "INITIALBACKOFFTIME"),
        max_backoff_time=_number(branch, "MAXBACKOFFTIME"),
        backcompat_retry_disabled=_is_there(branch, "BACKCOMPATRETRYDISABLED"),
        default_encoding=_text(branch, "DEFAULTENCODING"),
        proto_ver=_text(branch, "PROTOVER"),
        role=_number(branch, "ROLE"),
        to_napid=_text(branch, "TO-NAPID"),
        use_hw_dev_id=_is_there(branch, "USEHWDEVID"),
        ssp_hyperlink=_text(branch, "SSPHyperlink"),
        server_list=_text(branch, "ServerList"),
        crl_check=_flag(branch, "CRLCheck"),
    )


def _credential(account: Characteristic, level: str) -> Characteristic:
    for branch in account.characteristics:
        if _is(branch, "APPAUTH") and _text(branch, "AAUTHLEVEL").upper() == level:
            return branch
    raise ServerFault(f"no APPAUTH {level}", place="APPLICATION")


def _server_credential(branch: Characteristic) -> ServerCredential:
    return ServerCredential(secret=_text(branch, "AAUTHSECRET"), nonce=_nonce(branch))


def _device_credential(branch: Characteristic) -> DeviceCredential:
    is_basic = _text(branch, "AAUTHTYPE").upper() == "BASIC"
    return DeviceCredential(
        name=_text(branch, "AAUTHNAME"),
        secret=_text(branch, "AAUTHSECRET"),
        scheme=AuthScheme.BASIC if is_basic else AuthScheme.MD5,
        nonce=_nonce(branch),
    )


def _nonce(branch: Characteristic) -> bytes:
    nonce = decode_base64(_text(branch, "AAUTHDATA"))
    if nonce is None:
        raise ServerFault("AAUTHDATA is no base64", place="APPLICATION/APPAUTH")
    return nonce


# --- Registry and DMClient (9.5, 9.6) -----------------------------------------------------------


def _registry(document: ProvisioningDocument) -> Registry | None:
    keys = [
        key
        for branch in document.characteristics
        if _is(branch, "Registry")
        for key in branch.characteristics
    ]
    retries = next((key for key in keys if _registry_part(key) == "retries"), None)
    renewal = next((key for key in keys if _registry_part(key) == "renewal"), None)
    if retries is None and renewal is None:
        return None
    return Registry(
        renewal_key="" if renewal is None else renewal.type,
        renewal_period=None if renewal is None else _number(renewal, "RenewalPeriod"),
        retry_key="" if retries is None else retries.type,
        retries=None if retries is None else _schedule(retries, REGISTRY_NAMES),
    )


def _registry_part(key: Characteristic) -> str:
    if key.type.lower().rpartition("\\")[2] == _RETRY_LEAF:
        return "retries"
    return "renewal" if key.parm("RenewalPeriod", ignore_case=True) is not None else ""


def _dm_client(document: ProvisioningDocument, provider_id: str) -> DmClientBranch | None:
    """The branch of the account's provider, any other where it has none."""
    own = _first(document, ("DMClient", "Provider", provider_id))
    branch = own or _first(document, ("DMClient", "Provider", None))
    if branch is None:
        return None
    poll = branch.child("Poll", ignore_case=True)
    is_signing = is_true(_text(branch, REQUIRE_MESSAGE_SIGNING))
    own_parms = _OWN_PARMS | ({REQUIRE_MESSAGE_SIGNING.lower()} if is_signing else set())
    return DmClientBranch(
        ent_device_name=_text(branch, "EntDeviceName"),
        ent_dmid=_text(branch, "EntDMID"),
        upn=_text(branch, "UPN"),
        management_server_address_list=tuple(
            _ADDRESS.findall(_text(branch, "ManagementServerAddressList"))
        ),
        requires_message_signing=is_signing,
        parms=tuple(parm for parm in branch.parms if parm.name.lower() not in own_parms),
        poll=None if poll is None else _poll(poll),
    )


def _poll(branch: Characteristic) -> Poll:
    flags = {attribute: _flag(branch, name) for attribute, name in POLL_FLAGS}
    return Poll(schedule=_schedule(branch, POLL_NAMES), **flags)


def _schedule(branch: Characteristic, names: NumberNames) -> Schedule:
    """The set's values; one that is absent is 0."""
    return Schedule(**{attribute: _number(branch, name) or 0 for attribute, name in names})


# --- single values ------------------------------------------------------------------------------


def _is(branch: Characteristic, type: str) -> bool:
    return branch.type.lower() == type.lower()


def _text(branch: Characteristic, name: str) -> str:
    return branch.value(name, ignore_case=True) or ""


def _is_there(branch: Characteristic, name: str) -> bool:
    return branch.parm(name, ignore_case=True) is not None


def _number(branch: Characteristic, name: str) -> int | None:
    text = branch.value(name, ignore_case=True)
    if text is None or not text.strip():
        return None
    match = _INTEGER.match(text)
    if match is None:
        raise ServerFault(f"{name} {text[:40]!r} is not a number", place=branch.type)
    return int(match[1])


def _flag(branch: Characteristic, name: str) -> bool | None:
    text = _text(branch, name).strip().lower()
    if not text:
        return None
    if text not in _BOOLEANS:
        raise ServerFault(f"{name} {text[:40]!r} is neither true nor false", place=branch.type)
    return _BOOLEANS[text]


def _first(document: ProvisioningDocument, path: tuple[str | None, ...]) -> Characteristic | None:
    """The first branch at that path, ``None`` standing for any type; letters in any case."""
    for types, branch in document.walk():
        if len(types) == len(path) and all(
            wanted is None or wanted.lower() == found.lower()
            for wanted, found in zip(path, types, strict=True)
        ):
            return branch
    return None
