"""Running the inspector over captures."""

from __future__ import annotations

import gc
from pathlib import Path

from mdmcore.capture import open_capture
from mdmcore.http import Exchange
from mdmcore.inspector import Inspector
from mdmcore.report import analyze
from mdmcore.report.analysis import Analysis, SeparateAnalysis
from tests.report.material import capture_of, dm_flow, exchange_flow


def test_rows_come_in_order_over_all_captures(tmp_path: Path):
    captures = [
        capture_of(tmp_path / "one", exchange_flow("/a"), exchange_flow("/b")),
        capture_of(tmp_path / "two", exchange_flow("/c")),
    ]
    analysis = analyze(captures)
    ids = [
        (row.exchange.id, row.inspection.id, row.exchange.request.path) for row in analysis.rows()
    ]
    assert ids == [("one:1", "one:1", "/a"), ("one:2", "one:2", "/b"), ("two:1", "two:1", "/c")]
    assert [(row.path, row.exchanges) for row in analysis.captures] == [("one", 2), ("two", 1)]
    assert not analysis.has_errors


def test_captures_share_one_inspector(tmp_path: Path):
    captures = [capture_of(tmp_path / name, dm_flow()) for name in ("one", "two")]
    analysis = analyze(captures, inspector=Inspector("win10")).run()
    (life,) = analysis.lives
    assert (life.exchanges, life.profile) == (2, "win10")
    (found,) = [
        one for one in analysis.findings if one.rule == "uncredentialed-package-not-challenged"
    ]
    assert (found.count, [place.exchange for place in found.places]) == (2, ["one:1", "two:1"])


def test_a_broken_capture_is_reported_with_what_could_be_read(tmp_path: Path):
    broken = capture_of(tmp_path / "broken", exchange_flow("/a"), tail=b"4096:9:web")
    analysis = analyze([broken, capture_of(tmp_path / "good", exchange_flow("/b"))]).run()
    assert [row.exchanges for row in analysis.captures] == [1, 1]
    (error,) = analysis.captures[0].errors
    assert error.where.startswith("offset ")
    assert "the file ends inside this flow" in error.message
    assert analysis.captures[1].errors == ()
    assert analysis.has_errors


def test_a_capture_that_goes_away_is_an_error_and_the_next_is_read(tmp_path: Path):
    gone = capture_of(tmp_path / "gone", exchange_flow("/a"))
    gone.path.unlink()
    analysis = analyze([gone, capture_of(tmp_path / "good", exchange_flow("/b"))])
    assert [row.exchange.id for row in analysis.rows()] == ["good:1"]
    assert "No such file" in analysis.captures[0].errors[0].message
    assert analysis.has_errors


def test_flows_of_other_kinds_are_told(tmp_path: Path):
    from mitmproxy.test import tflow

    from tests.capture.flow_files import flow_bytes

    (tmp_path / "c").write_bytes(flow_bytes(tflow.ttcpflow(), exchange_flow()))
    analysis = analyze([open_capture(tmp_path / "c")]).run()
    assert analysis.captures[0].decoded == {"passed_over": {"tcp": 1}}


def test_exchanges_are_not_kept(tmp_path: Path):
    capture = capture_of(tmp_path / "c", *(exchange_flow(f"/{n}") for n in range(12)))
    held = []
    for _ in analyze([capture]).rows():
        gc.collect()
        held.append(sum(isinstance(each, Exchange) for each in gc.get_objects()))
    assert max(held[6:]) <= max(held[:6])


def test_captures_that_are_judged_apart_share_no_life(tmp_path: Path):
    captures = [capture_of(tmp_path / name, dm_flow()) for name in ("one", "two")]
    apart = SeparateAnalysis(captures, start=lambda number: Inspector(life_prefix=f"{number}."))
    lives = [row.inspection.life for row in apart.rows()]
    assert lives == ["life-1.1", "life-2.1"]
    assert [life.id for life in apart.lives] == lives
    alone = [
        analyze([capture], inspector=Inspector(life_prefix=f"{number}.")).run().findings
        for number, capture in enumerate(captures, 1)
    ]
    assert sorted(apart.findings, key=repr) == sorted((*alone[0], *alone[1]), key=repr)
    ranks = [one.severity.rank for one in apart.findings]
    assert ranks == sorted(ranks, reverse=True)


def test_who_watches_is_told_how_far_reading_came(tmp_path: Path):
    seen = []
    capture = capture_of(tmp_path / "one", exchange_flow("/a"), exchange_flow("/b"))
    analysis = Analysis(
        [capture],
        inspector=Inspector(),
        watch=lambda one: seen.append((one.count, one.position > 0)),
    )
    analysis.run()
    assert seen == [(1, True), (2, True)]
    assert capture.position == 0
