"""Adding a DM message and its answer to a life: session, nonces, device facts, other URLs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mdmcore.enrollment.provisioning_view import REQUIRE_MESSAGE_SIGNING, is_true
from mdmcore.http import Exchange
from mdmcore.inspector.account_writes import with_account_write, with_account_writes
from mdmcore.inspector.dm_ways import ways_after
from mdmcore.inspector.known_secrets import NO_SECRETS, SecretsFile, with_known_secrets
from mdmcore.inspector.nonces import after_cred, after_status, at_session_start, check_cred
from mdmcore.inspector.sessions import (
    after_exchange,
    body_digest,
    find_session,
    with_session,
)
from mdmcore.inspector.tried import with_commands, with_results, with_statuses
from mdmcore.rules.decoded import Decoded
from mdmcore.rules.life import CredCheck, Credential, DmAccount, Life
from mdmcore.rules.urls import redirect_of
from mdmcore.syncml.model import Command, Item, Status, SyncML

_MAX_DM_URLS = 16

type Verdicts = tuple[Life, CredCheck | None, CredCheck | None]


def add_dm_message(
    life: Life, exchange: Exchange, decoded: Decoded, secrets: SecretsFile = NO_SECRETS
) -> Verdicts:
    """The life with this message, and the verdicts on device's and server's Cred. ``secrets``: what
    the user knows of accounts."""
    life = replace(_with_transport(life, exchange), has_posted_dm=True)
    life = replace(life, dm_ways=ways_after(life.dm_ways, exchange, decoded))
    asked, answered = decoded.request_syncml, decoded.response_syncml
    if asked is None:
        return life, None, None
    life = with_known_secrets(life, asked, secrets)
    session, is_new = find_session(life, asked, decoded.request.body)
    if is_new:
        life = replace(life, session_count=life.session_count + 1)
        session = replace(session, number=life.session_count)
    is_repeated = not is_new and body_digest(decoded.request.body) == session.client_digest
    life = replace(
        life,
        tried=with_statuses(life.tried, session, asked.statuses),
        readings=with_results(life.readings, session, asked.results),
    )
    account = life.account or DmAccount(provider_id="")
    if is_new:
        was_heard = not life.sessions or life.sessions[-1].is_ended
        account = _started(account, was_heard=was_heard)
        account = with_account_writes(account, life.account_writes)
        life = replace(life, account_writes=())
        life = _loose_started(life, was_heard=was_heard)
        life = _signing_from_now_on(life)
    device_cred = server_cred = None
    if asked.header.cred is not None:
        device_cred = check_cred(
            asked.header.cred,
            account.device,
            is_first=is_new,
            other=account.server,
            other_users=(asked.header.source, account.provider_id),
        )
        account = replace(account, device=_checked(account.device, device_cred))
    account = replace(account, server=_informed(account.server, asked.header_status))
    life = _loosely_informed(life, asked, answered)
    if answered is not None:
        if answered.header.cred is not None:
            first = session.messages == 0
            server_cred = check_cred(
                answered.header.cred,
                account.server,
                is_first=first,
                other=account.device,
                other_users=(account.device.user if account.device else "", asked.header.source),
            )
            account = replace(account, server=_checked(account.server, server_cred))
        account = replace(account, device=_informed(account.device, answered.header_status))
        life = _with_server_words(life, answered)
        if not is_repeated:
            tried = with_commands(life.tried, session, answered, exchange.started)
            life = replace(life, tried=tried)
    session = after_exchange(session, exchange, decoded)
    life = with_session(_with_device_words(life, asked), session, is_new=is_new)
    life = replace(life, has_completed=life.has_completed or session.is_ended)
    if life.account is not None:
        life = replace(life, account=account)
    return life, device_cred, server_cred


def _started(account: DmAccount, *, was_heard: bool) -> DmAccount:
    """The account when a session begins; ``was_heard``: the device took in the last answer."""
    server, device = account.server, account.device
    if server is not None:
        server = replace(server, nonces=at_session_start(server.nonces))
    if device is not None:
        nonces = at_session_start(device.nonces, was_heard=was_heard)
        device = replace(device, nonces=nonces)
    return replace(account, server=server, device=device)


def _loose_started(life: Life, *, was_heard: bool) -> Life:
    """The same for a device whose account may become known later."""
    if life.account is not None:
        return life
    server, device = life.loose_nonces
    started = at_session_start(server), at_session_start(device, was_heard=was_heard)
    return replace(life, loose_nonces=started)


def _loosely_informed(life: Life, asked: SyncML, answered: SyncML | None) -> Life:
    if life.account is not None:
        return life
    server, device = life.loose_nonces
    server = after_status(server, asked.header_status)
    if answered is not None:
        device = after_status(device, answered.header_status)
    return replace(life, loose_nonces=(server, device))


def _checked(credential: Credential | None, check: CredCheck) -> Credential | None:
    if credential is None:
        return None
    return replace(credential, nonces=after_cred(credential.nonces, check))


def _informed(credential: Credential | None, status: Status | None) -> Credential | None:
    if credential is None:
        return None
    return replace(credential, nonces=after_status(credential.nonces, status))


def _with_transport(life: Life, exchange: Exchange) -> Life:
    response = exchange.response
    if response is None:
        return life
    tls = exchange.tls
    if response.status == 200 and tls is not None and not tls.client_certificates:
        life = replace(life, answered_without_client_tls=True)
    location = redirect_of(exchange)
    return _with_url(life, location) if location else life


def _with_url(life: Life, url: str) -> Life:
    if url in life.dm_urls or len(life.dm_urls) >= _MAX_DM_URLS:
        return life
    return replace(life, dm_urls=(*life.dm_urls, url))


def _with_server_words(life: Life, message: SyncML) -> Life:
    """RespURI and the management address send the device elsewhere; EntDMID and the order to sign
    messages may come late.

    A node counts as set when the server writes it: whether the device took it is not awaited.
    """
    if message.header.resp_uri:
        life = _with_url(life, message.header.resp_uri)
    for item in _written(message):
        leaf = (item.target or "").rpartition("/")[2]
        life = with_account_write(life, item)
        if leaf == "ManagementServiceAddress" and item.data:
            life = _with_url(life, item.data)
        elif leaf == "EntDMID" and item.data:
            life = replace(life, has_ent_dmid=True)
        elif leaf == REQUIRE_MESSAGE_SIGNING and item.data:
            life = replace(life, asked_to_sign=is_true(item.data))
    return life


def _signing_from_now_on(life: Life) -> Life:
    if life.asked_to_sign is None:
        return life
    return replace(life, requires_message_signing=life.asked_to_sign, asked_to_sign=None)


def _written(message: SyncML) -> Iterator[Item]:
    for command in message.walk():
        if isinstance(command, Command) and command.name in ("Add", "Replace"):
            yield from command.items


def _with_device_words(life: Life, message: SyncML) -> Life:
    life = replace(life, device_id=message.header.source or life.device_id)
    for item in _written(message):
        if item.source == "./DevInfo/Man":
            life = replace(life, manufacturer=item.data or life.manufacturer)
        elif item.source == "./DevInfo/Mod":
            life = replace(life, model=item.data or life.model)
    return life
