"""Sessions of all kinds, replayed both ways: Basic, HMAC, challenges, several messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mdmcore.phone import run, sync
from mdmcore.records import AuthScheme
from mdmcore.syncml.hmac_header import HMAC_HEADER
from mdmcore.syncml.message_signature import SIGNATURE_HEADER
from mdmcore.syncml.model import Command, Item
from tests.matrix.play import Stage
from tests.matrix.variations import Variation
from tests.replay.replaying import as_device, captured, served

HMAC = {"appsrv_scheme": AuthScheme.HMAC}

KINDS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "basic": ("wp8", {"appsrv_scheme": AuthScheme.BASIC}, {}),
    "hmac": ("wp8", HMAC, {"sends_cred_first": False}),
    "challenged": ("wp8", {}, {"sends_cred_first": False}),
    "several messages": ("win10", {}, {"max_message_bytes": 2400}),
}


def two_sessions(stage: Stage) -> None:
    stage.enroll()
    stage.sessions(2)


@pytest.mark.parametrize("kind", KINDS)
def test_both_ways(kind: str, tmp_path: Path) -> None:
    profile, settings, phone = KINDS[kind]
    stage = Stage(tmp_path, profile, settings=settings, **phone)
    two_sessions(stage)
    life = captured(stage.close().exchanges)
    found = as_device(life, profile, settings=settings)
    assert found.diff.differences == ()
    assert len(found.replayed.exchanges) == len(life.scenes)
    again = Variation(settings=settings, phone=phone)
    played, told = served(life, profile, live=two_sessions, variation=again)
    assert (played.refused, told) == ([], [])
    assert played.rules("error", "warning") <= {"hub-no-attempt"}
    macs = [HMAC_HEADER in one.request.headers for one in found.replayed.exchanges]
    assert any(macs) == (kind == "hmac")


def test_signed_messages_are_signed_again(tmp_path: Path) -> None:
    settings = {"require_message_signing": True}
    stage = Stage(tmp_path, "win10", settings=settings)
    stage.enroll()
    assert stage.phone is not None
    run(sync(stage.phone, random=stage.random, clock=stage.clock, keys=stage.keys), stage.answer)
    life = captured(stage.close().exchanges)
    found = as_device(life, "win10", settings=settings)
    assert found.diff.differences == ()
    signed = [one.request.headers.get(SIGNATURE_HEADER) for one in found.replayed.exchanges[-2:]]
    assert all(signed)
    assert signed[0] != life.scenes[-2].exchange.request.headers.get(SIGNATURE_HEADER)


def test_a_server_that_wants_less_is_told_so(tmp_path: Path) -> None:
    """What only one server commands is a difference, and the session goes on."""

    def life_of(folder: Path, *uris: str) -> Stage:
        stage = Stage(folder, "wp8")
        stage.enroll()
        for number, uri in enumerate(uris, start=2):
            stage.queue(Command(name="Get", cmd_id=str(number), items=(Item(target=uri),)))
        stage.session()
        return stage

    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    poor = captured(life_of(tmp_path / "a").close().exchanges)
    rich = captured(life_of(tmp_path / "b", "./DevDetail/Ext/Other").close().exchanges)
    # The emulated server of the replay has nothing queued, as that of the poor capture.
    same = as_device(poor, "wp8")
    assert same.diff.differences == ()
    less = as_device(rich, "wp8")
    assert ("session 1, message 1", "server: Get ./DevDetail/Ext/Other") in less.places
    assert not any(what == "not sent" for _, what in less.places)
