"""Digests of SyncML: by which formula, user, secret and nonce each was made, right or wrong.

What made the original makes the new one, from the pseudonyms: so right stays right, and the same
mistake stays the same. A digest that nothing explains becomes noise, which explains nothing either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from mdmcore.base64_text import decode_base64
from mdmcore.capture.redact.edits import apply_edits
from mdmcore.capture.redact.kinds import ValueKind
from mdmcore.capture.redact.run import Run
from mdmcore.errors import MdmError
from mdmcore.namespaces import AUTH_BASIC
from mdmcore.rules.life import Credential, DmAccount, Life, NonceState
from mdmcore.rules.scene import Scene
from mdmcore.syncml.credentials import decode_digest, inner_digest, md5
from mdmcore.syncml.digest_mistakes import WRONG_FORMULAS
from mdmcore.syncml.hmac_header import HMAC_HEADER, MacHeader, mac, parse_mac_header
from mdmcore.syncml.model import Cred, SyncML

type _Formula = Callable[[str, str, bytes], bytes]

_MAX_RECIPES = 100_000
_MAX_NAMES = 12


def _right(user: str, secret: str, nonce: bytes) -> bytes:
    return md5(inner_digest(user, secret).encode("ascii") + b":" + nonce)


_FORMULAS: tuple[_Formula, ...] = (_right, *WRONG_FORMULAS.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a digest was made of."""

    formula: _Formula
    user: str = field(repr=False)
    secret: str = field(repr=False)
    nonce: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MacRecipe:
    """What the HMAC of a message was made of, beside its user and body."""

    secret: str = field(repr=False)
    nonce: bytes = field(repr=False)


class Digests:
    """The digests of a capture and what they were made of."""

    def __init__(self) -> None:
        self._recipes: dict[bytes, Recipe] = {}
        self._macs: dict[str, MacRecipe] = {}

    def watch(self, scene: Scene) -> None:
        """Look at the credentials of an exchange; for ``Inspector.watch``."""
        accounts = _accounts(scene)
        if not accounts:
            return
        for message in (scene.decoded.request_syncml, scene.decoded.response_syncml):
            cred = message.header.cred if message is not None else None
            if message is not None and cred is not None and cred.type.strip() != AUTH_BASIC:
                self._explain(cred, message, scene, accounts)
        self._explain_macs(scene, accounts)

    def made_anew(self, run: Run, digest: bytes) -> bytes:
        """The digest of the pseudonyms."""
        recipe = self._recipes.get(digest)
        run.tally.count(ValueKind.DIGEST)
        if recipe is None:
            return run.pseudonyms.octets(ValueKind.DIGEST, digest)
        user = identity(run, recipe.user)
        secret = secret_of(run, recipe.secret)
        return recipe.formula(user, secret, run.pseudonyms.nonce(recipe.nonce))

    def mac_anew(self, run: Run, header: MacHeader, body: bytes) -> MacHeader:
        """The header for the redacted body."""
        recipe = self._macs.get(header.mac)
        user = run.value(ValueKind.USER, header.username) if header.username else ""
        run.tally.count(ValueKind.DIGEST)
        if recipe is None:
            new = run.pseudonyms.shaped(ValueKind.DIGEST, header.mac)
        else:
            nonce = run.pseudonyms.nonce(recipe.nonce)
            new = mac(user, secret_of(run, recipe.secret), nonce, body)
        return MacHeader(username=user, mac=new)

    def learn_user(self, run: Run, user: str) -> None:
        """The name in the header of an HMAC."""
        run.value(ValueKind.USER, user)

    def _explain(
        self, cred: Cred, message: SyncML, scene: Scene, accounts: list[Credential]
    ) -> None:
        digest = decode_digest(cred.data)
        if digest is None or digest in self._recipes or len(self._recipes) >= _MAX_RECIPES:
            return
        for formula, user, secret, nonce in _candidates(message, scene, accounts):
            if formula(user, secret, nonce) == digest:
                self._recipes[digest] = Recipe(
                    formula=formula, user=user, secret=secret, nonce=nonce
                )
                return

    def _explain_macs(self, scene: Scene, accounts: list[Credential]) -> None:
        exchange = scene.exchange
        sides = [(exchange.request.headers, exchange.request.body)]
        if exchange.response is not None:
            sides.append((exchange.response.headers, exchange.response.body))
        for headers, body in sides:
            value = headers.get(HMAC_HEADER)
            if value is None or body is None:
                continue
            try:
                header = parse_mac_header(value)
            except MdmError:
                continue
            for one in accounts:
                for nonce in _nonces(accounts):
                    if header.verify(one.secret, nonce, body):
                        self._macs[header.mac] = MacRecipe(secret=one.secret, nonce=nonce)


def identity(run: Run, text: str) -> str:
    """The pseudonym of a user name as it stands in its own place."""
    kind = run.known.kind_of(text)
    return run.value(kind, text) if kind is not None else apply_edits(text, run.free(text))


def secret_of(run: Run, text: str) -> str:
    """The pseudonym of a secret."""
    return run.value(ValueKind.SECRET, text)


def _accounts(scene: Scene) -> list[Credential]:
    lives = (scene.before, scene.life)
    accounts = [one for life in lives if life is not None for one in _accounts_of(life)]
    found = [
        credential
        for account in accounts
        for credential in (account.device, account.server)
        if credential is not None
    ]
    # Both credentials without their nonces, which are taken from all.
    return list({(one.user, one.secret, one.nonces): one for one in found}.values())


def _accounts_of(life: Life) -> Iterator[DmAccount]:
    for account in (life.account, life.earlier_account):
        if account is not None:
            yield account


def _candidates(
    message: SyncML, scene: Scene, accounts: list[Credential]
) -> Iterator[tuple[_Formula, str, str, bytes]]:
    """Everything that a digest may have been made of, the likelier first."""
    header = message.header
    nonces = list(dict.fromkeys(chain(_nonces(accounts), _loose(scene.life), _said(scene))))
    for one in accounts:
        for nonce in nonces:
            yield _right, one.user, one.secret, nonce
    names = [one.user for one in accounts]
    names += [header.source_name or "", header.source, scene.life.username, scene.life.email]
    names += [name.lower() for name in names] + [name.upper() for name in names]
    users = [name for name in dict.fromkeys(names) if name][:_MAX_NAMES]
    secrets = list(dict.fromkeys(one.secret for one in accounts))
    for formula in _FORMULAS:
        for user in users:
            for secret in secrets:
                for nonce in nonces:
                    yield formula, user, secret, nonce
    for user in users:
        for secret in secrets:
            for nonce in nonces:
                yield _swapped, user, secret, nonce


def _swapped(user: str, secret: str, nonce: bytes) -> bytes:
    return _right(secret, user, nonce)


def _nonces(accounts: list[Credential]) -> Iterator[bytes]:
    for one in accounts:
        yield from _of_state(one.nonces)
    yield b""


def _loose(life: Life) -> Iterator[bytes]:
    for state in life.loose_nonces:
        yield from _of_state(state)


def _said(scene: Scene) -> Iterator[bytes]:
    """Nonces in this exchange itself."""
    for message in (scene.decoded.request_syncml, scene.decoded.response_syncml):
        for command in message.commands if message is not None else ():
            chal = getattr(command, "chal", None)
            text = getattr(chal, "next_nonce_text", None)
            data = decode_base64(text) if text else None
            if data is not None:
                yield data


def _of_state(state: NonceState) -> Iterator[bytes]:
    if state.current is not None:
        yield state.current
    if state.pending is not None:
        yield state.pending
    yield from state.older
    yield from state.doubtful
    yield from state.replaced
