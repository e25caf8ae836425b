"""Adding an exchange to what is known of a life: pure functions from facts to facts.

Which life an exchange belongs to is found in ``correlate``; what the facts mean is for the rules.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta

from mdmcore.enrollment.device_kind import detect_profile
from mdmcore.enrollment.provisioning import ProvisioningDocument
from mdmcore.enrollment.provisioning_view import AppAuth, dm_client
from mdmcore.http import Exchange
from mdmcore.inspector.connection_facts import (
    CONNECTED_KINDS,
    unreached_host,
    with_connection,
)
from mdmcore.inspector.dm_facts import add_dm_message
from mdmcore.inspector.known_secrets import NO_SECRETS, SecretsFile
from mdmcore.inspector.revocation_lists import with_lists
from mdmcore.namespaces import VALUE_TYPE_JWT
from mdmcore.pki.certificate import Certificate
from mdmcore.pki.scep import scep_operation
from mdmcore.rules.decoded import SOAP_KINDS, Decoded, Kind, Provisioning, WabPart
from mdmcore.rules.life import (
    MAX_DISCOVERIES,
    CredCheck,
    Credential,
    DmAccount,
    Life,
    NonceState,
)
from mdmcore.rules.refusals import is_renewal_refused
from mdmcore.rules.renew_settings import DEFAULT_RENEW_DAYS, renew_days
from mdmcore.rules.urls import redirect_of

_MAX_SIGN_IN_URLS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """The life after an exchange, and the verdicts on the Cred of request and answer."""

    life: Life
    device_cred: CredCheck | None = None
    server_cred: CredCheck | None = None


def advance(
    life: Life,
    exchange: Exchange,
    decoded: Decoded,
    *,
    profile: str,
    secrets: SecretsFile = NO_SECRETS,
) -> Advance:
    """The life with this exchange added; ``profile`` is ``auto`` or forced, ``secrets`` are those
    that the user knows."""
    life = _counted(life, exchange)
    result = Advance(life=life)
    if decoded.kind is Kind.PROBE:
        life = _probed(life, exchange)
    elif decoded.kind is Kind.DISCOVER:
        life = _discovered(life, exchange, decoded)
    elif decoded.kind is Kind.WAB and decoded.wab is not None:
        life = _signed_in(life, exchange, decoded.wab)
    elif decoded.kind in SOAP_KINDS:
        life = _enrolled(life, decoded)
        if decoded.provisioning is not None and decoded.kind is Kind.RST:
            life = replace(life, enrolled_at=exchange.started, enrolled_in=exchange.id)
        life = _renewed(life, exchange, decoded) if decoded.kind is Kind.RENEW else life
    elif decoded.kind is Kind.SYNCML:
        life, device_cred, server_cred = add_dm_message(life, exchange, decoded, secrets)
        result = replace(result, device_cred=device_cred, server_cred=server_cred)
    elif decoded.kind is Kind.HUB and decoded.hub is not None:
        loaded = life.hub_bytes + (decoded.hub.body_length or 0)
        life = replace(life, hub_bytes=loaded, hub_requests=life.hub_requests + 1)
    elif decoded.kind is Kind.OTHER:
        life = _fetching(life, exchange)
    if decoded.kind in CONNECTED_KINDS:
        life = with_connection(life, exchange)
    life = with_lists(life, exchange, decoded.kind)
    life = _ended(life, exchange, decoded)
    is_discover = decoded.discover is not None
    known = _known_profile(life, exchange, profile, is_discover=is_discover)
    if known is not None:
        life = replace(life, profile=known, is_profile_known=True)
    return replace(result, life=_renewal_checked(life, exchange))


def _counted(life: Life, exchange: Exchange) -> Life:
    times = [t for t in (life.first, life.last, exchange.started) if t is not None]
    return replace(
        life,
        exchanges=life.exchanges + 1,
        first=min(times, default=None),
        last=max(times, default=None),
        peer=life.peer or exchange.peer,
    )


def _probed(life: Life, exchange: Exchange) -> Life:
    response = exchange.response
    return replace(
        life,
        discovery_host=exchange.request.host,
        probe_status=response.status if response is not None else life.probe_status,
        discovery_redirect=redirect_of(exchange) or life.discovery_redirect,
        unreached_host=unreached_host(life, exchange),
    )


def _discovered(life: Life, exchange: Exchange, decoded: Decoded) -> Life:
    life = replace(life, discovery_host=exchange.request.host)
    if decoded.discover is not None:
        if exchange.started is not None:
            times = (*life.discoveries, exchange.started)[-MAX_DISCOVERIES:]
            life = replace(life, discoveries=times)
        life = replace(
            life,
            email=decoded.discover.email_address or life.email,
            request_version=decoded.discover.request_version,
            device_type=decoded.discover.device_type or life.device_type,
            application_version=decoded.discover.application_version or life.application_version,
        )
    answer = decoded.discover_response
    if answer is not None:
        life = replace(
            life,
            auth_policy=answer.auth_policy,
            policy_url=answer.policy_url,
            enrollment_url=answer.enrollment_url,
            sign_in_urls=(answer.authentication_url,) if answer.authentication_url else (),
        )
    return life


def _fetching(life: Life, exchange: Exchange) -> Life:
    """The life with this step of a SCEP enrolment."""
    operation = scep_operation(exchange.request)
    if operation is None:
        return life
    is_get = operation.startswith("GetCAC")
    return replace(life, scep_gets=life.scep_gets + 1 if is_get else 0)


def _signed_in(life: Life, exchange: Exchange, page: WabPart) -> Life:
    """The life with the address of the client, and where the sign-in goes on."""
    further = redirect_of(exchange)
    token = page.form.field("wresult") if page.form is not None else None
    # What was not escaped arrives as another token than the one that was issued.
    if token is not None and token.value and not token.unescaped:
        life = replace(life, wresult=hashlib.sha256(token.value.encode()).hexdigest())
    urls = dict.fromkeys((*life.sign_in_urls, *((further,) if further else ())))
    return replace(
        life,
        email=life.email or page.login_hint,
        appru=page.appru or life.appru,
        sign_in_urls=tuple(urls)[:_MAX_SIGN_IN_URLS],
    )


def _enrolled(life: Life, decoded: Decoded) -> Life:
    envelope = decoded.request.envelope
    if envelope is not None and envelope.username:
        life = replace(life, username=envelope.username)
    if envelope is not None and envelope.user_token is not None:
        is_jwt = envelope.user_token.value_type == VALUE_TYPE_JWT
        life = replace(life, is_azure_joined=life.is_azure_joined or is_jwt)
    if decoded.policies is not None:
        life = replace(life, policies=decoded.policies)
    if decoded.rst is not None:
        context = decoded.rst.context_value
        life = replace(
            life,
            device_type=context("DeviceType") or life.device_type,
            application_version=context("ApplicationVersion") or life.application_version,
            device_id=context("DeviceID") or life.device_id,
            device_name=context("DeviceName") or life.device_name,
            csr=decoded.csr or life.csr,
        )
    if decoded.provisioning is None:
        return life
    return with_provisioning(life, decoded.provisioning, is_renewal=decoded.kind is Kind.RENEW)


def _renewed(life: Life, exchange: Exchange, decoded: Decoded) -> Life:
    """The life with this renewal counted, unless whether it was refused is not known."""
    if decoded.rstrc is not None and decoded.rstrc.count:
        return replace(life, refused_renewals=0, first_refused_renewal=None)
    if not is_renewal_refused(exchange, decoded):
        return life
    return replace(
        life,
        refused_renewals=life.refused_renewals + 1,
        first_refused_renewal=life.first_refused_renewal or exchange.started,
    )


def with_provisioning(life: Life, part: Provisioning, *, is_renewal: bool) -> Life:
    """The life after a provisioning document; that of a renewal brings a certificate only."""
    issued = _issued(part, life)
    before = life.certificate
    life = replace(life, certificate=issued or before)
    if is_renewal and life.provisioning is not None:
        renewed = before if life.certificate != before else life.previous_certificate
        return replace(life, is_renewal_due=False, previous_certificate=renewed)
    life = replace(life, provisioning=replace(part, root=None))
    account = part.account
    if account is not None:
        life = replace(life, addr=account.addr or "", account=_account(part))
        life = replace(life, dm_urls=(account.addr,) if account.addr else ())
    if part.app_management is not None:
        life = replace(life, store_uri=part.app_management.store_uri or "")
    document = part.document
    return replace(
        life,
        previous_certificate=None,
        has_ent_dmid=document is not None and has_ent_dmid(document),
        requires_message_signing=document is not None and _requires_message_signing(document),
        asked_to_sign=None,
    )


def has_ent_dmid(document: ProvisioningDocument) -> bool:
    """Whether any DMClient provider of the document has a non-empty EntDMID."""
    return any(
        path[:2] == ("DMClient", "Provider") and bool(branch.value("EntDMID"))
        for path, branch in document.walk()
    )


def _requires_message_signing(document: ProvisioningDocument) -> bool:
    client = dm_client(document, ignore_case=True)
    return client is not None and client.requires_message_signing


def _issued(part: Provisioning, life: Life) -> Certificate | None:
    """The certificate for the key of the CSR, else the first one of the My stores."""
    found = [c.certificate for c in part.client_certificates if c.certificate is not None]
    csr = life.csr.csr if life.csr is not None else None
    same_key = (c for c in found if csr is not None and c.spki == csr.spki)
    return next(same_key, found[0] if found else None)


def _account(part: Provisioning) -> DmAccount | None:
    account = part.account
    if account is None:
        return None
    provider_id = account.provider_id or ""
    server, device = account.auth("CLIENT"), account.auth("APPSRV")
    return DmAccount(
        provider_id=provider_id,
        server=_credential(server, provider_id),
        device=_credential(device, (device.name or "") if device else ""),
    )


def _credential(auth: AppAuth | None, user: str) -> Credential | None:
    if auth is None or auth.secret is None:
        return None
    nonces = NonceState(current=auth.nonce)
    return Credential(user=user, secret=auth.secret, scheme=auth.type or "", nonces=nonces)


def _ended(life: Life, exchange: Exchange, decoded: Decoded) -> Life:
    """The life with what this exchange says of its end: refused, stopped, or going on."""
    response = exchange.response
    if decoded.kind not in SOAP_KINDS | {Kind.SYNCML, Kind.PROBE}:
        return life
    if response is None or exchange.is_broken_off:
        return replace(life, refusal="", stop=f"{decoded.kind}: {exchange.error or 'no answer'}")
    fault = decoded.response.fault if decoded.response is not None else None
    if fault is not None:
        return replace(life, stop="", refusal=f"{decoded.kind}: {fault.title}")
    if response.status >= 400:
        return replace(life, stop="", refusal=f"{decoded.kind}: HTTP {response.status}")
    if decoded.kind is Kind.SYNCML and life.sessions and life.sessions[-1].is_refused:
        return replace(life, stop="", refusal=f"{decoded.kind}: credentials refused (401)")
    return replace(life, stop="", refusal="")


def _known_profile(life: Life, exchange: Exchange, forced: str, *, is_discover: bool) -> str | None:
    if forced != "auto":
        return forced
    by_words = detect_profile(
        device_type=life.device_type,
        application_version=life.application_version,
        request_version=life.request_version,
        is_discover=is_discover,
    )
    if by_words is not None:
        return by_words
    agent = exchange.request.headers.get("User-Agent") or ""
    query = exchange.request.query
    return detect_profile(user_agent=agent, query=query)


def _renewal_checked(life: Life, exchange: Exchange) -> Life:
    if life.is_renewal_due or life.certificate is None or exchange.started is None:
        return life
    document = life.provisioning.document if life.provisioning is not None else None
    days = renew_days(document)
    opens = life.certificate.not_after - timedelta(
        days=DEFAULT_RENEW_DAYS if days is None else days
    )
    return replace(life, is_renewal_due=exchange.started >= opens)
