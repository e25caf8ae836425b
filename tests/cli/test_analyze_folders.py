"""``mdmproxy analyze`` over folders and many captures."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mdmcore.cli.main import run
from mdmcore.report.schema import analysis_schema, lines_schema
from tests.report.material import capture_of, dm_flow, exchange_flow
from tests.support.requirements import shared_file

RULE = "uncredentialed-package-not-challenged"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three captures, two of one device, one of which is cut; and a file that is no capture."""
    found = tmp_path / "run"
    (found / "sub").mkdir(parents=True)
    capture_of(found / "a.mitm", dm_flow(), exchange_flow("/x", host="foreign.test"))
    capture_of(found / "b.mitm", dm_flow(device=b"urn:uuid:2"))
    capture_of(found / "sub" / "c.mitm", dm_flow())
    (found / "notes.txt").write_text("what I did", "utf-8")
    (found / ".hidden").write_bytes(b"x")
    return found


def document(*arguments: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    run(["analyze", *arguments, "--format", "json"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, analysis_schema())
    return found


def test_each_capture_of_a_folder_is_judged_for_itself(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = document(str(folder), capsys=capsys)
    assert [one["path"] for one in found["captures"]] == [
        str(folder / name) for name in ("a.mitm", "b.mitm", os.path.join("sub", "c.mitm"))
    ]
    assert [one["id"] for one in found["lives"]] == ["life-1.1", "life-2.1", "life-3.1"]
    assert len([one for one in found["findings"] if one["rule"] == RULE]) == 3
    lives = {one["life"] for one in found["exchanges"]} - {None}
    assert lives == {part for one in found["lives"] for part in one["parts"]}


def test_joined_lives_go_on_over_captures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(str(folder), "--joined", capsys=capsys)
    assert [one["id"] for one in found["lives"]] == ["life-1", "life-2"]
    named = [str(folder / "a.mitm"), str(folder / "sub" / "c.mitm")]
    assert len(document(*named, capsys=capsys)["lives"]) == 1
    assert len(document(*named, "--separate", capsys=capsys)["lives"]) == 2


def test_a_folder_with_one_capture_is_that_capture(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["analyze", str(folder / "sub")])
    of_folder = capsys.readouterr().out
    run(["analyze", str(folder / "sub" / "c.mitm")])
    assert of_folder == capsys.readouterr().out
    assert "   1  ->  management" in of_folder


def test_what_is_no_capture_is_passed_over_in_a_folder_and_an_error_where_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["analyze", str(folder)]) == 1
    captured = capsys.readouterr()
    assert captured.err == "mdmproxy: 1 file passed over: no captures (--verbose lists them)\n"
    assert run(["analyze", str(folder), "--verbose"]) == 1
    said = capsys.readouterr().err
    assert said == f"mdmproxy: {folder / 'notes.txt'}: no capture, passed over\n"
    assert run(["analyze", str(folder), str(folder / "notes.txt")]) == 2
    captured = capsys.readouterr()
    (line,) = captured.err.splitlines()
    assert line.startswith(f"mdmproxy: error: {folder / 'notes.txt'}: this is no capture")
    assert "in 3 captures" in captured.out


def test_a_folder_without_a_capture_is_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("nothing", "utf-8")
    assert run(["analyze", str(tmp_path), "--format", "json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-1] == (
        f"mdmproxy: error: {tmp_path}: no capture in it; `mdmproxy lint` checks loose files"
    )


def test_what_cannot_be_read_in_a_folder_is_an_error_and_the_rest_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        (folder / "broken-link").symlink_to(folder / "nothing")
    except OSError:
        pytest.skip("no links here")
    assert run(["analyze", str(folder)]) == 2
    captured = capsys.readouterr()
    line = f"mdmproxy: error: {folder / 'broken-link'}: No such file or directory"
    assert line in captured.err.splitlines()
    assert "in 3 captures" in captured.out


def test_a_damaged_capture_among_good_ones(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "b.mitm"
    path.write_bytes(path.read_bytes() + b"4096:9:web")
    assert run(["analyze", str(folder), "--fail-on", "never"]) == 2
    captured = capsys.readouterr()
    assert f"ERROR {RULE} in 3 of 3 captures, 3 lives" in captured.out
    assert f"\nnot read to their end\n  {path}\n" in captured.out
    assert f"mdmproxy: error: {path}: the file ends inside" in captured.err


def test_the_summary_of_a_joint_analysis_stands_before_the_last_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["analyze", str(folder / "a.mitm"), str(folder / "b.mitm")])
    text = capsys.readouterr().out
    assert "   1  ->  management" in text
    assert f"\nERROR {RULE}, life-1\n" in text
    assert f"\nrules\n  ERROR {RULE} in 2 of 2 captures, 2 lives, 2 times\n" in text
    assert "\nservers\n  mdm.example.test: 2 captures" in text
    assert text.splitlines()[-1].startswith("3 exchanges in 2 captures, 2 devices: ")


def test_two_jobs_write_what_one_writes(folder: Path, tmp_path: Path) -> None:
    written = []
    for jobs in ("1", "2"):
        target = tmp_path / f"{jobs}.json"
        arguments = ["--format", "json", "--jobs", jobs, "-o", str(target)]
        assert run(["analyze", str(folder), *arguments]) == 1
        written.append(target.read_bytes())
    assert written[0] == written[1]


def test_jobs_for_one_analysis_are_said_to_be_useless(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["analyze", str(folder), "--joined", "--jobs", "2"])
    assert "--jobs has no effect" in capsys.readouterr().err


def test_lines_come_capture_by_capture(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["analyze", str(folder), "--format", "jsonl"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for line in lines:
        jsonschema.validate(line, lines_schema())
    kinds = [line["type"] for line in lines]
    assert kinds[:4] == ["tool", "exchange", "exchange", "capture"]
    assert kinds.count("life") == kinds.count("capture") == 3
    run(["analyze", str(folder), "--joined", "--format", "jsonl"])
    joined = [json.loads(line)["type"] for line in capsys.readouterr().out.splitlines()]
    assert joined.count("life") == 2


def test_real_captures_beside_others(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    real = shared_file("captures", "win10-enrollment-log.md")
    found = document(str(folder), str(real), capsys=capsys)
    assert [one["format"] for one in found["captures"]] == ["flows", "flows", "flows", "log"]
    assert any(one["rule"] == "xml-not-wellformed" for one in found["findings"])


# --- which findings are told


def test_a_baseline_leaves_what_is_new(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = str(tmp_path / "old.json")
    assert run(["analyze", str(folder), "--format", "json", "-o", old]) == 1
    assert run(["analyze", str(folder), "--baseline", old]) == 0
    captured = capsys.readouterr()
    assert "known before and not told: 0 errors, 0 warnings, 0 info\n" in captured.out
    assert "findings of the baseline are not told again\n" in captured.err
    capture_of(folder / "new.mitm", dm_flow(device=b"urn:uuid:3"))
    assert run(["analyze", str(folder), "--baseline", old]) == 1
    assert f"ERROR {RULE} in 1 of 4 captures, 1 life" in capsys.readouterr().out
    assert run(["analyze", str(folder / "a.mitm"), "--baseline", old]) == 0
    assert f"ERROR {RULE}" not in capsys.readouterr().out


def test_a_damaged_baseline_is_exit_2_before_anything_is_read(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "old.json"
    old.write_bytes(b'{"schema": "mdmproxy-analysis/1", ')
    assert run(["analyze", str(folder), "--baseline", str(old)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith(f"mdmproxy: error: --baseline {old}: damaged (")


@pytest.mark.parametrize("joined", ["--joined", "--separate"])
def test_what_is_ignored_is_counted_and_not_told(
    folder: Path, joined: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["analyze", str(folder), joined]
    assert run([*arguments, "--select", RULE]) == 1
    captured = capsys.readouterr()
    assert ", 0 warnings, 0 info" in captured.out
    assert "findings of other rules are not told (--select, --ignore)" in captured.err
    assert run([*arguments, "--select", RULE, "--ignore", "session,authentication"]) == 0
    assert RULE not in capsys.readouterr().out


def test_the_counts_of_lines_are_those_of_what_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for option in ("--ignore", "--disable"):
        run(["analyze", str(folder / "b.mitm"), option, RULE])
        (line,) = [one for one in capsys.readouterr().out.splitlines() if "  ->  " in one]
        assert "error" not in line, option


def test_an_unknown_rule_is_exit_2_with_near_ones(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["analyze", str(folder), "--ignore", "xml-not-welformed"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("mdmproxy: error: --ignore: no rule or phase is called")
    assert "perhaps xml-not-wellformed" in said


def test_silenced_rules_are_no_passed_cases(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.xml"
    asked = ["--format", "junit", "-o", str(target)]
    for silenced in (["--disable", RULE], ["--severity", f"{RULE}=none"], ["--ignore", RULE]):
        run(["analyze", str(folder), *silenced, *asked])
        assert RULE not in target.read_text("utf-8")


# --- formats


@pytest.mark.parametrize("format", ["text", "json", "jsonl", "html", "sarif", "junit", "markdown"])
def test_secrets_are_masked_in_every_format(
    format: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = str(shared_file("captures", "win10-enrollment-log.md"))
    assert run(["analyze", log, "--format", format]) == 1
    said = capsys.readouterr().out
    assert said
    for secret in ('"password":"demo"', '"name":"AAUTHSECRET","value":"dummy"'):
        assert secret not in said.replace(": ", ":").replace(", ", ",")


@pytest.mark.parametrize("joined", ["--joined", "--separate"])
def test_a_page_of_a_folder(folder: Path, joined: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", str(folder), joined, "--format", "html", "--ignore", RULE]) == 0
    page = capsys.readouterr().out
    assert ("life-3.1" in page) == (joined == "--separate")
    # The joint one still names it as a cause.
    assert (RULE in page) == (joined == "--joined")


def test_a_comparison_has_two_formats(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = [str(folder / "a.mitm"), str(folder / "b.mitm")]
    assert run(["analyze", "--diff", *both, "--format", "sarif"]) == 2
    assert "--diff is written as text or json, not as sarif" in capsys.readouterr().err
