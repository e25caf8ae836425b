"""What captures have in common."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from mdmcore.report import across as across_module
from mdmcore.report.across import across
from mdmcore.report.across_text import names, write_captures_text
from mdmcore.report.plain import cells
from mdmcore.rules import MAX_PLACES, Severity
from tests.report.material import capture_of, dm_flow, exchange_flow
from tests.report.outcomes import hostile_capture, outcome

RULE = "uncredentialed-package-not-challenged"


def test_rules_servers_and_devices(tmp_path: Path) -> None:
    captures = [
        capture_of(tmp_path / "one", dm_flow(), exchange_flow("/a", host="foreign.test")),
        capture_of(tmp_path / "two", dm_flow(), tail=b"4096:9:web"),
        capture_of(tmp_path / "three", dm_flow(device=b"urn:uuid:2")),
        capture_of(tmp_path / "four", exchange_flow("/a")),
    ]
    with outcome(*captures, is_separate=True) as (found, lines):
        summary = across(found, lines)
    rule = next(one for one in summary.rules if one.rule == RULE)
    assert rule.captures == ("one", "two", "three")
    assert (rule.lives, rule.count, rule.servers) == (3, 3, ("mdm.example.test",))
    assert [place.exchange for place in rule.places] == ["one:1", "two:1", "three:1"]
    assert [one.server for one in summary.servers] == ["mdm.example.test"]
    (server,) = summary.servers
    assert (server.captures, server.exchanges, server.lives) == (
        ("one", "two", "three", "four"),
        4,
        3,
    )
    assert RULE in server.rules
    assert [(one.who, one.captures, len(one.lives)) for one in summary.devices] == [
        ("urn:uuid:1", ("one", "two"), 2),
        ("urn:uuid:2", ("three",), 1),
    ]
    assert summary.devices[0].findings[Severity.ERROR] > 0
    assert summary.unread == ("two",)


def test_a_joint_analysis_has_the_captures_of_a_life(tmp_path: Path) -> None:
    captures = [capture_of(tmp_path / name, dm_flow()) for name in ("one", "two")]
    with outcome(*captures) as (found, lines):
        (device,) = across(found, lines).devices
    assert (device.captures, len(device.lives)) == (("one", "two"), 1)


def test_captures_are_counted_beyond_the_places_that_a_finding_keeps(tmp_path: Path) -> None:
    flows = [dm_flow() for _ in range(MAX_PLACES)]
    captures = [capture_of(tmp_path / "one", *flows), capture_of(tmp_path / "two", dm_flow())]
    with outcome(*captures) as (found, lines):
        rule = next(one for one in across(found, lines).rules if one.rule == RULE)
    assert {place.exchange.partition(":")[0] for place in rule.example.places} == {"one"}
    assert rule.captures == ("one", "two")


def test_the_number_of_servers_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(across_module, "MAX_SERVERS", 2)
    flows = [exchange_flow("/a", host=f"h{number}.test") for number in range(4)]
    with outcome(capture_of(tmp_path / "one", *flows, dm_flow())) as (found, lines):
        assert across(found, lines).servers == ()


def text_of(folder: Path, *, width: int = 100, colour: bool = False) -> str:
    captures = [
        capture_of(folder / "one", dm_flow()),
        capture_of(folder / "two", exchange_flow("/a")),
        hostile_capture(folder),
    ]
    out = io.StringIO()
    with outcome(*captures, is_separate=True) as (found, lines):
        write_captures_text(out, found, across(found, lines), width=width, colour=colour)
    return out.getvalue()


def test_a_line_for_each_capture_then_what_they_share(tmp_path: Path) -> None:
    text = text_of(tmp_path)
    first, second, *_ = text.splitlines()
    assert first.startswith("one (mitmproxy flows): 1 exchange; 1 error")
    assert second == "two (mitmproxy flows): 1 exchange; nothing found"
    assert "  broken:  offset " in text
    assert f"\nERROR {RULE} in 1 of 3 captures, 1 life\n" in text
    assert "\nservers\n  mdm.example.test: 3 captures, 4 exchanges, 2 lives; " in text
    assert "\ndevices\n" in text
    assert "\n  urn:uuid:1: 1 capture, 1 life (1 running); " in text
    assert "\nnot read to their end\n" in text
    assert text.splitlines()[-1].endswith("; not everything could be read")


def test_nothing_steers_a_terminal_and_lines_keep_the_width(tmp_path: Path) -> None:
    text = text_of(tmp_path, width=80)
    assert "\x1b" not in text
    assert "\x00" not in text
    assert max(map(cells, text.splitlines())) <= 80
    assert "\x1b[31;1mERROR" in text_of(tmp_path, colour=True)


def test_names_are_counted_where_there_are_many() -> None:
    assert names(("a", "b", "c")) == "a, b, c"
    assert names(("a", "b", "c", "d", "e")) == "a, b, c and 2 more"
