"""What the questions say, and that a device goes on behind them as before."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdmcore.http import Exchange
from mdmcore.syncml.xml import parse_syncml
from tests.matrix.play import Stage


@pytest.fixture
def asked(tmp_path: Path) -> list[Exchange]:
    """The DM exchanges of a device that asks all questions and syncs on."""
    stage = Stage(tmp_path, "win10")
    stage.enroll()
    stage.ask_in_other_forms()
    stage.ask_as_stranger()
    stage.session()
    played = stage.close()
    assert played.refused == []
    return [one for one in played.exchanges if "syncml" in one.request.media_type]


def test_one_thing_is_changed_at_a_time(asked: list[Exchange]) -> None:
    forms = dict.fromkeys(
        (one.request.query, one.request.headers.get("User-Agent")) for one in asked
    )
    usual = "MSFT OMA DM Client/1.2.0.1"
    assert list(forms) == [
        ("mode=Maintenance&Platform=WoA", usual),
        ("", "ENROLLClient"),
        ("", usual),
    ]


def test_a_stranger_says_one_thing_without_credentials(asked: list[Exchange]) -> None:
    messages = [parse_syncml(one.request.body or b"") for one in asked]
    sources = [one.header.source for one in messages]
    (stranger,) = {one for one in sources if sources.count(one) == 1}
    (said,) = [one for one in messages if one.header.source == stranger]
    assert (said.header.msg_id, said.header.cred) == ("1", None)
    assert stranger.startswith("urn:uuid:")
