"""Whose secret and nonce the server's digest is made with, when it takes the wrong ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mdmcore.http import Exchange
from mdmcore.phone import EnrolledPhone
from mdmcore.phone.readiness import SessionAccount, ready
from mdmcore.syncml.credentials import verify_digest
from mdmcore.syncml.model import Cred
from tests.matrix.play import Stage
from tests.server.faults.lives import message_of


@pytest.fixture
def stages(tmp_path: Path) -> Iterator[list[Stage]]:
    made: list[Stage] = []
    yield made
    for stage in made:
        stage.close()


def staged(stages: list[Stage], folder: Path, *faults: str) -> Stage:
    stages.append(Stage(folder, "wp8", *faults))
    return stages[-1]


def phone_of(stage: Stage) -> EnrolledPhone:
    assert stage.phone is not None
    return stage.phone


def sessions(stage: Stage) -> list[Exchange]:
    """The DM exchanges so far."""
    return [one for one in stage.played.exchanges if "syncml" in (one.request.media_type or "")]


def cred_of(exchange: Exchange) -> Cred:
    assert exchange.response is not None
    cred = message_of(exchange.response).header.cred
    assert cred is not None
    return cred


def is_proof(cred: Cred, account: SessionAccount, secret: str | None, nonce: bytes | None) -> bool:
    assert secret is not None
    assert nonce is not None
    return verify_digest(cred.data, account.provider_id, secret, nonce)


def test_the_secret_of_the_device_is_taken_for_the_server_s(
    stages: list[Stage], tmp_path: Path
) -> None:
    stage = staged(stages, tmp_path, "appauth-levels-swapped")
    stage.enroll()
    phone = phone_of(stage)
    account = ready(phone)
    stage.session()
    first, second = (cred_of(one) for one in sessions(stage))
    assert is_proof(first, account, account.secret, phone.nonce_s2c)
    assert not is_proof(first, account, account.server_secret, phone.nonce_s2c)
    # Challenged, it takes the new nonce, and the same secret.
    status = message_of(sessions(stage)[1].request).header_status
    assert status is not None
    assert status.data == "401"
    assert status.chal is not None
    assert is_proof(second, account, account.secret, status.chal.next_nonce)


def test_the_account_before_is_kept_when_a_device_enrols_again(
    stages: list[Stage], tmp_path: Path
) -> None:
    stage = staged(stages, tmp_path, "re-enrolled-state-kept")
    stage.enroll()
    stage.sessions(2)
    assert stage.played.refused == []
    old, account = phone_of(stage), ready(phone_of(stage))
    before = len(sessions(stage))
    stage.enroll()
    new = phone_of(stage)
    assert ready(new).server_secret != account.server_secret
    stage.session()
    first, second = (cred_of(one) for one in sessions(stage)[before:])
    assert is_proof(first, account, account.server_secret, old.nonce_s2c)
    assert not is_proof(first, account, ready(new).server_secret, new.nonce_s2c)
    status = message_of(sessions(stage)[-1].request).header_status
    assert status is not None
    assert status.chal is not None
    assert is_proof(second, account, account.server_secret, status.chal.next_nonce)


def test_of_two_devices_neither_gets_the_account_of_the_other(
    stages: list[Stage], tmp_path: Path
) -> None:
    stage = staged(stages, tmp_path, "re-enrolled-state-kept")
    own = stage.settings
    stage.settings = replace(own, device_id="urn:other", email="two@example.test")
    stage.enroll()
    stage.sessions(2)
    stage.settings = own
    stage.enroll()
    stage.sessions(2)
    assert len(sessions(stage)) == 8
    assert stage.played.refused == []
