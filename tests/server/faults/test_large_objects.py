"""Mistakes with chunks: what differs from the right answer, and what the device says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mdmcore.enrollment.provisioning_model import ApplicationParms
from mdmcore.namespaces import (
    ALERT_NO_END_OF_DATA,
    SYNCML_WBXML_MEDIA_TYPE,
    SYNCML_XML_MEDIA_TYPE,
)
from mdmcore.server.settings import ProvisioningSettings
from mdmcore.syncml.model import Alert, Command, Container, SyncML
from tests.matrix.play import Stage, play
from tests.matrix.statuses import codes_of
from tests.matrix.variations import NAME, gets_a_large_object
from tests.server.faults.lives import Difference, first_difference, message_of

ENCODINGS = pytest.mark.parametrize(
    "encoding", [SYNCML_XML_MEDIA_TYPE, SYNCML_WBXML_MEDIA_TYPE], ids=["xml", "wbxml"]
)


def settings_for(encoding: str) -> dict[str, object]:
    ordered = ProvisioningSettings(application=ApplicationParms(default_encoding=encoding))
    return {"provisioning": ordered}


def spoilt_by(fault: str, folder: Path, encoding: str) -> Difference:
    found = first_difference(
        folder, "win10", fault, gets_a_large_object, settings=settings_for(encoding)
    )
    assert found is not None
    assert found.spoilt.media_type == encoding
    return found


def chunk_of(message: SyncML) -> Command:
    (chunk,) = (one for one in message.commands if isinstance(one, Command) and one.items)
    return chunk


def size_of(message: SyncML) -> str | None:
    meta = chunk_of(message).items[0].meta
    return None if meta is None else meta.size


@ENCODINGS
@pytest.mark.parametrize(
    ("fault", "change"),
    [
        ("moredata-missing-size", lambda _size: None),
        ("moredata-size-mismatch", lambda size: str(int(size) + 1)),
    ],
)
def test_the_first_chunk_says_another_size(
    fault: str, change: Callable[[str], str | None], tmp_path: Path, encoding: str
) -> None:
    right, spoilt = spoilt_by(fault, tmp_path, encoding).messages
    size = size_of(right)
    assert size is not None
    assert size_of(spoilt) == change(size)
    before, after = (chunk_of(message).items[0] for message in (right, spoilt))
    assert after.more_data
    assert after.meta is not None
    assert replace(after, meta=replace(after.meta, size=size)) == before


@ENCODINGS
def test_a_get_comes_before_the_next_chunk(tmp_path: Path, encoding: str) -> None:
    right, spoilt = spoilt_by("moredata-interleaved-chunk", tmp_path, encoding).messages
    new, *rest = (one for one in spoilt.commands if isinstance(one, Command))
    assert (new.name, new.items[0].target) == ("Get", "./DevDetail/SwV")
    assert [one.items for one in rest] == [chunk_of(right).items]
    ids = [one.cmd_id for one in spoilt.commands]
    assert len(set(ids)) == len(ids)


@ENCODINGS
@pytest.mark.parametrize(
    ("fault", "codes", "is_lost"),
    [
        ("moredata-missing-size", ["411"], False),
        ("moredata-size-mismatch", ["213", "213", "424"], False),
        ("moredata-interleaved-chunk", ["213", "411"], True),
    ],
)
def test_the_device_does_not_take_the_object(
    fault: str, codes: list[str], is_lost: bool, tmp_path: Path, encoding: str
) -> None:
    played = play(
        tmp_path, "win10", fault, life=gets_a_large_object, settings=settings_for(encoding)
    )
    assert played.refused == []
    sent = [
        message_of(one.request) for one in played.exchanges if one.request.media_type == encoding
    ]
    statuses = [status for message in sent for status in message.statuses]
    assert [one.data for one in statuses if one.cmd == "Replace"] == codes
    lost = [
        alert
        for message in sent
        for alert in message.alerts
        if isinstance(alert, Alert) and alert.code == ALERT_NO_END_OF_DATA
    ]
    assert [alert.items[0].target for alert in lost] == [NAME] * is_lost


@ENCODINGS
@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81"])
def test_a_phone_gets_a_chunk_and_refuses_it(profile: str, tmp_path: Path, encoding: str) -> None:
    found = first_difference(
        tmp_path, profile, "large-object-on-phone", life, settings=settings_for(encoding)
    )
    assert found is not None
    right, spoilt = found.messages
    *before, chunk = spoilt.commands
    assert tuple(before) == right.commands
    assert isinstance(chunk, Command)
    (item,) = chunk.items
    assert item.more_data
    assert item.meta is not None
    assert int(item.meta.size or "") > len(item.data or "")
    assert (right.is_final, spoilt.is_final) == (True, False)
    (tmp_path / "again").mkdir()
    played = play(
        tmp_path / "again",
        profile,
        "large-object-on-phone",
        life=life,
        settings=settings_for(encoding),
    )
    assert played.refused == []
    assert "406" in codes_of(played.exchanges)
    last = message_of(played.exchanges[-1].response or found.right)
    assert last.is_final
    assert not any(isinstance(one, Command | Container) for one in last.commands)


def life(stage: Stage) -> None:
    """Enrolment and a session."""
    stage.enroll()
    stage.session()


@pytest.mark.parametrize(
    "fault",
    [
        "large-object-on-phone",
        "moredata-missing-size",
        "moredata-size-mismatch",
        "moredata-interleaved-chunk",
    ],
)
def test_there_is_no_room_on_a_device_that_takes_chunks_and_gets_none(
    fault: str, tmp_path: Path
) -> None:
    assert first_difference(tmp_path, "win10", fault, life) is None
