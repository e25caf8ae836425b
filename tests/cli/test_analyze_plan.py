"""What is to be analysed, and by how many processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdmcore.capture import Capture
from mdmcore.cli import analyze_plan
from mdmcore.cli.analyze_plan import jobs_for, make_plan
from mdmcore.cli.analyze_settings import AnalyzeSettings
from tests.report.material import capture_of, exchange_flow


def captures(folder: Path, number: int) -> list[Capture]:
    return [capture_of(folder / f"{one}", exchange_flow("/a")) for one in range(number)]


@pytest.fixture(autouse=True)
def four_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analyze_plan, "_processors", lambda: 4)


def test_few_small_captures_are_not_worth_a_process(tmp_path: Path) -> None:
    some = captures(tmp_path, 3)
    assert jobs_for(some, None) == 1
    assert jobs_for(some, 2) == 2


def test_many_or_large_ones_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some = captures(tmp_path, 6)
    monkeypatch.setattr(analyze_plan, "_WORTH_CAPTURES", 2)
    assert jobs_for(some, None) == 3
    monkeypatch.setattr(analyze_plan, "_WORTH_BYTES", 1)
    assert jobs_for(some, None) == 4
    assert jobs_for(some[:2], None) == 2


def test_folders_are_apart_files_together_unless_asked(tmp_path: Path) -> None:
    captures(tmp_path, 2)
    files = [tmp_path / "0", tmp_path / "1"]

    def is_separate(*paths: Path, joined: bool | None = None) -> bool:
        return make_plan(paths, AnalyzeSettings(), joined=joined).is_separate

    assert not is_separate(*files)
    assert is_separate(*files, joined=False)
    assert is_separate(tmp_path)
    assert not is_separate(tmp_path, joined=True)
    assert not is_separate(files[0], joined=False)


MESSAGE = (
    b'<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>'
    b"<SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>https://mdm.test/</LocURI></Target>"
    b"<Source><LocURI>urn:uuid:1</LocURI></Source></SyncHdr><SyncBody><Final/></SyncBody></SyncML>"
)


def test_a_folder_of_messages_is_one_capture_but_not_one_of_recordings(tmp_path: Path) -> None:
    (tmp_path / "messages").mkdir()
    (tmp_path / "messages" / "request1.xml").write_bytes(MESSAGE)
    plan = make_plan([tmp_path / "messages"], AnalyzeSettings(), joined=None)
    assert [(one.format, one.path.name) for one in plan.captures] == [("folder", "messages")]
    captures(tmp_path, 2)
    (tmp_path / "stray.xml").write_bytes(MESSAGE)
    plan = make_plan([tmp_path], AnalyzeSettings(), joined=None)
    assert [one.path.name for one in plan.captures if one.format == "flows"] == ["0", "1"]
    assert "messages" in [one.path.name for one in plan.captures]
    assert plan.problems == ()
    assert plan.is_separate
