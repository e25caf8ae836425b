"""Rule, fault and reaction are three views of one catalogue entry: the matrix holds them together.

For every fault, one life on each kind of device that matters: the rule of the same id speaks as
gravely as the catalogue says, nothing else above info is found but what the catalogue declares, and
the phone gives up where the table of refusals says, or goes on. Without a fault nothing is found.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mdmcore.enrollment.provisioning_model import ApplicationParms
from mdmcore.profiles import FEDERATED
from mdmcore.rules.model import PROFILES
from mdmcore.server.settings import AUTHENTICATION_PATH, ProvisioningSettings
from tests.matrix.play import play
from tests.matrix.played import Played
from tests.matrix.rows import Row, rows
from tests.matrix.verdict import line_of, run
from tests.support.matrix_table import PROPERTY

ENCODINGS = pytest.mark.parametrize(
    "encoding",
    ["application/vnd.syncml.dm+xml", "application/vnd.syncml.dm+wbxml"],
    ids=["xml", "wbxml"],
)


@pytest.mark.parametrize("row", tuple(rows()), ids=str)
def test_each_fault_is_seen_and_felt(
    row: Row, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    verdict = run(row, tmp_path)
    record_property(PROPERTY, line_of(verdict))
    assert not verdict.problems, "; ".join(verdict.problems)


def _finds_nothing(folder: Path, profile: str, encoding: str, **settings: object) -> Played:
    """A life without a fault, with DM messages in that encoding; nobody has to complain."""
    ordered = ProvisioningSettings(application=ApplicationParms(default_encoding=encoding))
    played = play(folder, profile, settings={"provisioning": ordered, **settings})
    asked = [one.request.media_type or "" for one in played.exchanges]
    assert {one for one in asked if "syncml" in one} == {encoding}
    assert played.refused == []
    assert played.rules("error", "warning") == set()
    return played


@ENCODINGS
@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_is_found_without_a_fault(profile: str, encoding: str, tmp_path: Path) -> None:
    _finds_nothing(tmp_path, profile, encoding)


@ENCODINGS
@pytest.mark.parametrize("profile", ["wp81", "win81", "win10"])
def test_nothing_is_found_in_a_federated_life(profile: str, encoding: str, tmp_path: Path) -> None:
    played = _finds_nothing(tmp_path, profile, encoding, auth_policies=(FEDERATED,))
    assert any(one.request.path == AUTHENTICATION_PATH for one in played.exchanges)
    assert "renew" in played.stages


def test_nothing_is_found_where_packages_take_several_messages(tmp_path: Path) -> None:
    played = play(tmp_path, "win10", max_message_bytes=2048)
    assert played.refused == []
    assert played.rules("error", "warning") == set()
