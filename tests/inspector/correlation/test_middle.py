"""A capture that begins in the middle: what was not seen is nobody's mistake."""

from __future__ import annotations

import pytest

from mdmcore.inspector import Inspector
from mdmcore.inspector.known_secrets import KnownAccount, SecretsFile
from mdmcore.rules import Severity
from mdmcore.rules.life import CredVerdict
from mdmcore.rules.scene import Scene
from tests.inspector.correlation.recorded import DEVICES, at, inspected, recorded
from tests.matrix.material import aetx


@pytest.mark.slow
@pytest.mark.parametrize("is_known", [True, False], ids=["address", "no address"])
@pytest.mark.parametrize("number", range(len(DEVICES)))
def test_whatever_is_left_is_one_life(number: int, is_known: bool) -> None:
    whole = recorded(number) if is_known else at(None, recorded(number))
    mistakes = {one.rule for one in inspected(whole).findings()}
    for start in range(1, len(whole)):
        found = inspected(whole[start:])
        assert len(found.lives()) == 1, f"from exchange {start + 1}"
        grave = {one.rule for one in found.findings() if one.severity is not Severity.INFO}
        assert grave <= mistakes, f"from exchange {start + 1}"


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(DEVICES)))
def test_whatever_came_until_then_is_no_mistake_either(number: int) -> None:
    whole = recorded(number)
    mistakes = {one.rule for one in inspected(whole).findings()}
    for end in range(1, len(whole)):
        found = inspected(whole[:end])
        assert len(found.lives()) == 1, f"up to exchange {end}"
        grave = {one.rule for one in found.findings() if one.severity is not Severity.INFO}
        assert grave <= mistakes, f"up to exchange {end}"


def secrets_of(number: int) -> SecretsFile:
    """What somebody who runs the server knows of the device, nonces aside."""
    (life,) = inspected(recorded(number)).lives()
    account = life.account
    assert account is not None
    assert account.server is not None
    assert account.device is not None
    known = KnownAccount(
        provider_id=account.provider_id,
        aauth_name=account.device.user,
        device_secret=account.device.secret,
        server_secret=account.server.secret,
    )
    return SecretsFile(accounts=(known,))


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(DEVICES)))
def test_with_the_secrets_of_a_file_digests_are_verified_and_none_is_wrong(number: int) -> None:
    whole = recorded(number)
    mistakes = {one.rule for one in inspected(whole).findings()}
    secrets = secrets_of(number)
    begin = next(i for i, one in enumerate(whole) if b"SyncML" in (one.request.body or b""))
    for start in range(begin, begin + 4):
        inspector = Inspector(aetx=aetx(), secrets=secrets)
        verdicts: list[CredVerdict] = []

        def keep(scene: Scene, kept: list[CredVerdict] = verdicts) -> None:
            for check in (scene.device_cred, scene.server_cred):
                if check is not None:
                    kept.append(check.verdict)

        inspector.watch(keep)
        for exchange in whole[start:]:
            inspector.inspect(exchange)
        grave = {one.rule for one in inspector.findings() if one.severity is not Severity.INFO}
        if "stale-nonce" in mistakes:
            grave.discard("digest-from-unknown-values")  # of a nonce that came before the capture
        assert grave <= mistakes, f"from exchange {start + 1}"
        assert CredVerdict.RIGHT in verdicts or "missing-212" in mistakes
        assert CredVerdict.WRONG not in verdicts or "stale-nonce" in mistakes
