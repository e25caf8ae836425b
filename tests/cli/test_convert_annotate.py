"""``mdmproxy convert --annotate``: what is found stands on the exchanges, in each format."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mitmproxy.http import HTTPFlow

from mdmcore.mitm.flow_file import flow_from
from mdmcore.mitm.mark_flow import end_flow
from mdmcore.xml import parse_strict
from tests.capture.flow_files import flow_bytes
from tests.matrix.play import Stage, play
from tests.support.converting import SUFFIXES, chained, flows_in, judged, notes_in


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A life in which the server makes a mistake, with a person's words on its first flow."""
    folder = tmp_path_factory.mktemp("spoilt")
    (folder / "server").mkdir()
    played = play(folder / "server", "wp8", "digest-missing-colon", life=_two_sessions)
    flows = [flow_from(one) for one in played.exchanges]
    flows[0].comment = "pressed *add account*"
    flows[0].marked = ":bug:"
    source = folder / "spoilt.mitm"
    source.write_bytes(flow_bytes(*flows))
    return source


def _two_sessions(stage: Stage) -> None:
    stage.enroll()
    stage.sessions(2)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_all_findings_land_on_their_exchanges(suffix: str, spoilt: Path, tmp_path: Path) -> None:
    source = spoilt
    (_, path) = chained(source, tmp_path, suffix, options=["--annotate"])
    _, findings = judged(source)
    wanted = {(place.exchange, one.rule) for one in findings for place in one.places}
    found = {
        (f"c:{number}", entry["rule"])
        for number, notes in enumerate(notes_in(path), 1)
        for entry in notes.data["findings"]
    }
    assert wanted
    assert found == wanted
    first = notes_in(path)[0]
    assert first.comment.startswith("pressed *add account* [mdm] ")
    assert first.marker == ":bug:"
    assert ":red_circle:" in {notes.marker for notes in notes_in(path)}


def test_annotating_again_replaces(spoilt: Path, tmp_path: Path) -> None:
    steps = chained(spoilt, tmp_path, "har", "saz", "mitm", options=["--annotate"])
    first, *others = [notes_in(path) for path in steps[1:]]
    assert all(notes.comment.count("[mdm]") == 1 for notes in first)
    assert others == [first] * 2


def test_what_is_known_at_the_end_of_a_life_is_written_to_its_enrolment(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    played = play(tmp_path / "server", "wp8", life=lambda stage: stage.enroll())
    source = tmp_path / "silent.mitm"
    late = datetime(2040, 1, 1, tzinfo=UTC)
    source.write_bytes(flow_bytes(*(flow_from(one) for one in played.exchanges), end_flow(late)))
    _, findings = judged(source)
    assert findings
    (_, path) = chained(source, tmp_path, "saz", options=["--annotate"])
    rules = {entry["rule"] for notes in notes_in(path) for entry in notes.data["findings"]}
    assert rules == {one.rule for one in findings}


def test_rules_can_be_silenced(spoilt: Path, tmp_path: Path) -> None:
    options = ["--annotate", "--disable", "digest-missing-colon", "--profile", "wp8"]
    (_, path) = chained(spoilt, tmp_path, "har", options=options)
    rules = {entry["rule"] for notes in notes_in(path) for entry in notes.data["findings"]}
    assert "digest-missing-colon" not in rules


def test_fiddler_and_mitmproxy_show_what_was_found(spoilt: Path, tmp_path: Path) -> None:
    source = spoilt
    chained(source, tmp_path, "saz", "mitm", options=["--annotate"])
    shown = [flow for flow in flows_in(tmp_path / "step-1.mitm") if flow.marked == ":red_circle:"]
    assert shown
    assert all(isinstance(flow, HTTPFlow) and "[mdm]" in flow.comment for flow in shown)
    with zipfile.ZipFile(tmp_path / "step-0.saz") as archive:
        roots = [
            parse_strict(archive.read(name))
            for name in archive.namelist()
            if name.endswith("_m.xml")
        ]
    flags = [
        {each.get("N"): each.get("V") for each in root.iterfind(".//SessionFlag")} for root in roots
    ]
    red = [one for one in flags if one.get("ui-color") == "red"]
    assert len(red) == len(shown)
    assert all("[mdm]" in (one["ui-comments"] or "") and one["ui-bold"] for one in red)
