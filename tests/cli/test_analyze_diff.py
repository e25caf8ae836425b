"""``mdmproxy analyze --diff A B`` on flow files."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from mdmcore.cli.main import run
from mdmcore.http import Exchange
from mdmcore.report.schema import diff_schema
from tests.report.diff.lives import exchanges_of
from tests.support.flow_capture import write_flows
from tests.support.requirements import shared_file


def capture(folder: Path, name: str, *lives: tuple[Exchange, ...]) -> str:
    return str(write_flows(folder / name, [one for life in lives for one in life]))


@pytest.fixture
def right(tmp_path: Path) -> str:
    return capture(tmp_path, "right.mitm", exchanges_of("wp8"))


def test_the_same_in_two_devices_is_exit_0(
    right: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = capture(tmp_path, "other.mitm", exchanges_of("wp8", number=1))
    assert run(["analyze", "--diff", right, other]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[-1] == "no difference but in names, ids, times, keys and nonces"


def test_a_difference_is_exit_1(
    right: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = exchanges_of("wp8", "omadmretry-first-set-zero", number=1)
    other = capture(tmp_path, "other.mitm", wrong)
    assert run(["analyze", right, other, "--diff"]) == 1
    said = capsys.readouterr().out
    assert "  /Registry/HKLM\\Software\\Microsoft\\Enrollment\\OmaDmRetry/AuxNumRetries:\n" in said
    assert "    A 10\n    B 0\n" in said
    assert "AAUTH" not in said


def test_as_json(right: str, tmp_path: Path) -> None:
    wrong = exchanges_of("wp8", "entdmid-missing", number=1)
    other, target = capture(tmp_path, "other.mitm", wrong), tmp_path / "diff.json"
    assert run(["analyze", "--diff", right, other, "--format", "json", "-o", str(target)]) == 1
    document = json.loads(target.read_bytes())
    jsonschema.validate(document, diff_schema())
    assert document["schema"] == "mdmproxy-diff/1"
    assert document["differences"][0]["what"] == "/DMClient/Provider/MDMProxy/EntDMID"


def test_a_life_of_several_is_named(
    right: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = exchanges_of("wp8", "entdmid-missing", number=1)
    both = capture(tmp_path, "both.mitm", exchanges_of("wp8"), wrong)
    assert run(["analyze", "--diff", right, both]) == 2
    said = capsys.readouterr().err
    assert said == (
        f"mdmproxy: error: {both} has 2 lives, name one as {both}#LIFE: "
        "life-1 (user0@example.test, complete, 17 steps); "
        "life-2 (user1@example.test, complete, 15 steps)\n"
    )
    assert run(["analyze", "--diff", right, f"{both}#life-1"]) == 0
    assert run(["analyze", "--diff", f"{both}#USER0@example.test", f"{both}#life-2"]) == 1
    capsys.readouterr()
    assert run(["analyze", "--diff", right, f"{both}#life-3"]) == 2
    assert f"{both} has no life 'life-3', but life-1 (" in capsys.readouterr().err


def test_a_file_may_have_the_mark_in_its_name(tmp_path: Path) -> None:
    odd = capture(tmp_path, "a#b.mitm", exchanges_of("wp8"))
    assert run(["analyze", "--diff", odd, odd]) == 0


@pytest.mark.parametrize("count", [1, 3])
def test_two_are_compared(right: str, count: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "--diff", *[right] * count]) == 2
    said = capsys.readouterr().err
    assert said == f"mdmproxy: error: --diff compares two captures, {count} given\n"


def test_what_is_no_capture_is_one_line(
    right: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path, data in ((tmp_path / "none.mitm", None), (tmp_path / "empty.log", b"nothing\n")):
        if data is not None:
            path.write_bytes(data)
        assert run(["analyze", "--diff", right, str(path)]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_real_enrolment_beside_an_emulated_one(capsys: pytest.CaptureFixture[str]) -> None:
    log = str(shared_file("captures", "win10-enrollment-log.md"))
    assert run(["analyze", "--diff", log, log]) == 0
    assert "no difference" in capsys.readouterr().out
