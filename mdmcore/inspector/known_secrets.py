"""What the user knows of DM accounts whose enrolment was not seen: secrets and nonces from a file.

Which account a device has is told by its id or its user; where several may be meant, by the digest
that it proves. What a provisioning document said wins; a file only fills its gaps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from mdmcore.base64_text import decode_base64
from mdmcore.errors import ConfigError, MdmError
from mdmcore.inspector.nonces import check_cred, joined
from mdmcore.rules.life import Credential, CredVerdict, DmAccount, Life, NonceState
from mdmcore.syncml.credentials import parse_basic
from mdmcore.syncml.model import Cred, SyncML
from mdmcore.toml_text import read_toml

type _Text = Annotated[str, Meta(max_length=1024)]


class KnownAccount(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One account of the file. Empty texts: not known, or, of the first three, any.

    ``aauth_name`` and the device's values are those of APPAUTH APPSRV, ``provider_id`` and the
    server's those of CLIENT (session.md 4.1). Nonces are base64, as in AAUTHDATA and NextNonce.
    """

    device_id: _Text = ""
    user: _Text = ""
    provider_id: _Text = ""
    aauth_name: _Text = ""
    device_secret: _Text = ""
    device_nonce: _Text = ""
    server_secret: _Text = ""
    server_nonce: _Text = ""
    scheme: Literal["md5", "basic", "hmac"] = "md5"

    def __repr__(self) -> str:
        return f"KnownAccount(device_id={self.device_id!r}, user={self.user!r})"


class SecretsFile(Struct, forbid_unknown_fields=True, frozen=True):
    """The whole file."""

    accounts: tuple[KnownAccount, ...] = ()


NO_SECRETS = SecretsFile()


def read_secrets(path: Path) -> SecretsFile:
    """The file's content. ConfigError ``FILE: $.accounts[0].key: what is wrong``; no value of the
    file is repeated in it."""
    found = read_toml(path, SecretsFile)
    if not found.accounts:
        raise ConfigError(f"{path}: $.accounts: missing")
    for number, account in enumerate(found.accounts):
        problem = _problem(account)
        if problem is not None:
            raise ConfigError(f"{path}: $.accounts[{number}]{problem}")
    return found


def _problem(account: KnownAccount) -> str | None:
    for key in ("device_nonce", "server_nonce"):
        text = getattr(account, key)
        if text and decode_base64(text) is None:
            return f".{key}: not base64"
    if account.server_secret and not account.provider_id:
        return ".provider_id: missing, the server's digest is made with it"
    if not account.device_secret and not account.server_secret:
        return ": neither device_secret nor server_secret"
    for whose in ("device", "server"):
        if getattr(account, f"{whose}_nonce") and not getattr(account, f"{whose}_secret"):
            return f".{whose}_nonce: no {whose}_secret for it"
    return None


def with_known_secrets(life: Life, message: SyncML, secrets: SecretsFile) -> Life:
    """The life with the account that the file has for the device of this message.

    Where several accounts may be meant, nothing is taken until the device proves one of them.
    """
    if not secrets.accounts or (life.account is not None and _is_whole(life.account)):
        return life
    possible = [one for one in secrets.accounts if _is_meant(one, life, message)]
    most = max(map(_rank, possible), default=0)
    best = [one for one in possible if _rank(one) == most]
    chosen = best[0] if len(best) == 1 else _proven(best, life, message)
    if chosen is None:
        return life
    given = _account(chosen, life, message)
    if life.account is not None:
        account = life.account
        given = replace(
            account,
            server=account.server or given.server,
            device=account.device or given.device,
        )
    return replace(life, account=given, is_account_given=True)


def _is_whole(account: DmAccount) -> bool:
    return account.server is not None and account.device is not None


def _is_meant(one: KnownAccount, life: Life, message: SyncML) -> bool:
    names = {life.email.lower(), life.username.lower(), (message.header.source_name or "").lower()}
    provider = life.account.provider_id if life.account is not None else ""
    return (
        one.device_id.lower() in ("", message.header.source.lower())
        and (not one.user or one.user.lower() in names)
        and (not provider or one.provider_id in ("", provider))
    )


def _rank(one: KnownAccount) -> int:
    """How closely an account is told: by the device, by the user, or for all."""
    return 2 if one.device_id else 1 if one.user else 0


def _proven(accounts: Iterable[KnownAccount], life: Life, message: SyncML) -> KnownAccount | None:
    cred = message.header.cred
    if cred is None:
        return None
    for one in accounts:
        device = _account(one, life, message).device
        if device is not None:
            verdict = check_cred(cred, device, is_first=True).verdict
            if verdict is CredVerdict.RIGHT:
                return one
    return None


def _account(one: KnownAccount, life: Life, message: SyncML) -> DmAccount:
    server, device = life.loose_nonces
    name = one.aauth_name or _named(message.header.cred) or message.header.source_name or ""
    return DmAccount(
        provider_id=one.provider_id,
        server=_credential(one.provider_id, one.server_secret, one.server_nonce, "DIGEST", server),
        device=_credential(
            name,
            one.device_secret,
            one.device_nonce,
            "BASIC" if one.scheme == "basic" else "DIGEST",
            device,
        ),
    )


def _credential(
    user: str, secret: str, nonce: str, scheme: str, loose: NonceState
) -> Credential | None:
    if not secret:
        return None
    known = decode_base64(nonce) if nonce else None
    credential = Credential(
        user=user, secret=secret, scheme=scheme, nonces=NonceState(current=known)
    )
    return replace(credential, nonces=joined(credential, loose))


def _named(cred: Cred | None) -> str:
    if cred is None or not cred.type.strip().endswith("basic"):
        return ""
    try:
        return parse_basic(cred.data)[0]
    except MdmError:
        return ""
