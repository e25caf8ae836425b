"""What an older analysis knew is not told again."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from mdmcore.capture import Capture
from mdmcore.errors import ConfigError
from mdmcore.inspector import Inspector
from mdmcore.report import write_json
from mdmcore.report.analysis import Analysis
from mdmcore.report.baseline import read_baseline
from mdmcore.report.choice import parse_choice
from mdmcore.report.sieve import Sieve
from mdmcore.report.spool import ExchangeSpool
from tests.report.material import capture_of, dm_flow, exchange_flow


def written(path: Path, *captures: Capture) -> Path:
    out = io.BytesIO()
    write_json(out, Analysis(captures, inspector=Inspector()))
    path.write_bytes(out.getvalue())
    return path


def new(baseline: Path, *captures: Capture) -> tuple[list[str], int]:
    sieve = Sieve(baseline=read_baseline(baseline))
    with ExchangeSpool() as spool:
        analysis = Analysis(captures, inspector=Inspector(), sieve=sieve, spool=spool).run()
        return sorted(one.rule for one in analysis.findings), analysis.sieved.known


def test_the_same_again_is_known_whatever_the_capture_is_called(tmp_path: Path) -> None:
    baseline = written(tmp_path / "b.json", capture_of(tmp_path / "one", dm_flow()))
    again = capture_of(tmp_path / "two", exchange_flow("/a"), dm_flow())
    rules, known = new(baseline, again)
    assert rules == []
    assert known > 0


def test_another_device_is_new(tmp_path: Path) -> None:
    baseline = written(tmp_path / "b.json", capture_of(tmp_path / "one", dm_flow()))
    other = capture_of(tmp_path / "two", dm_flow(device=b"urn:uuid:2"), dm_flow())
    rules, known = new(baseline, other)
    assert len(rules) == known > 0


def test_what_is_graver_than_before_is_new(tmp_path: Path) -> None:
    baseline = written(tmp_path / "b.json", capture_of(tmp_path / "one", dm_flow()))
    document = json.loads(baseline.read_bytes())
    for finding in document["findings"]:
        finding["severity"] = "info"
    baseline.write_text(json.dumps(document), "utf-8")
    assert new(baseline, capture_of(tmp_path / "one", dm_flow()))[0]


def test_it_works_beside_a_choice_of_rules(tmp_path: Path) -> None:
    baseline = written(tmp_path / "b.json", capture_of(tmp_path / "one"))
    capture = capture_of(tmp_path / "one", dm_flow())
    choice = parse_choice((), ("uncredentialed-package-not-challenged",))
    with ExchangeSpool() as spool:
        analysis = Analysis(
            [capture],
            inspector=Inspector(),
            sieve=Sieve(choice=choice, baseline=read_baseline(baseline)),
            spool=spool,
        )
        (row,) = analysis.rows()
        told = {one.rule for one in row.inspection.findings}
        assert told == {one.rule for one in analysis.findings}
        assert "uncredentialed-package-not-challenged" not in told
        assert (analysis.sieved.known, analysis.sieved.ignored) == (0, 1)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "damaged (Input data was truncated)"),
        (b'{"schema": "mdmproxy-analysis/1", "exch', "damaged (Input data was truncated)"),
        (b'{"schema": "mdmproxy-analysis/1"}', "damaged ("),
        (b'{"schema": "mdmproxy-diff/1"}', "this is 'mdmproxy-diff/1', not mdmproxy-analysis/1"),
        (b"{}", "this is no analysis"),
        (b"[1]", "damaged ("),
        (b"\xff\xfe", "damaged ("),
        (b"[" * 100_000, "damaged ("),
        (b'{"schema": "' + b"x" * 10_000 + b'"}', "not mdmproxy-analysis/1"),
    ],
    ids=["empty", "cut", "keyless", "other", "none", "list", "bytes", "deep", "long"],
)
def test_what_is_no_analysis_is_one_line(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "b.json"
    path.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        read_baseline(path)
    message = str(caught.value)
    assert message.startswith(f"--baseline {path}: ")
    assert said in message
    assert len(message) < 400 + len(str(path))


def test_a_baseline_that_is_not_there() -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read_baseline(Path("no-such.json"))


def test_every_finding_of_a_document_counts(tmp_path: Path) -> None:
    document: dict[str, Any] = json.loads(
        written(tmp_path / "b.json", capture_of(tmp_path / "one", dm_flow())).read_bytes()
    )
    document["findings"] = []
    (tmp_path / "b.json").write_text(json.dumps(document), "utf-8")
    assert new(tmp_path / "b.json", capture_of(tmp_path / "one", dm_flow()))[1] == 0
