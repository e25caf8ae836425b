"""The polling windows of a life, as the page draws them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from mdmcore.http import Exchange
from mdmcore.report.html.polling import PollingView, polling_of
from mdmcore.report.schedule import Sightings
from tests.report.html.material import analysis_of, capture_of, right_life, wrong_life


def polling(folder: Path, exchanges: list[Exchange]) -> PollingView | None:
    analysis = analysis_of(capture_of(folder, exchanges))
    sightings = Sightings()
    for row in analysis.rows():
        sightings.take(row)
    return polling_of(analysis.lives[0], sightings)


def test_sessions_on_time_stand_in_their_windows(tmp_path: Path) -> None:
    view = polling(tmp_path, right_life(sessions=3))
    assert view is not None
    assert [window.fit for window in view.windows] == ["on-time"] * 3 + ["planned"]
    for window in view.windows[:3]:
        assert window.seen is not None
        assert window.begin <= window.seen <= window.end
    assert view.windows[1].exchange == "session.mitm:7"
    assert view.windows[-1].due - view.windows[-2].due >= timedelta(hours=8)
    assert "OmaDmRetry" in view.origin
    assert view.lines[0][1].endswith(view.windows[-1].title.removeprefix("next planned contact, "))
    assert len(view.rows) == 3


def test_enrollment_is_spelt_as_in_the_specs(tmp_path: Path) -> None:
    view = polling(tmp_path, right_life(sessions=3))
    assert view is not None
    assert ", enrollment: on time" in view.windows[0].title
    assert [row[1] for row in view.rows] == ["enrollment", "long run 1", "long run 2"]


def test_missed_contacts_have_windows_without_a_session(tmp_path: Path) -> None:
    exchanges = right_life(sessions=2, hours=80)
    view = polling(tmp_path, exchanges)
    assert view is not None
    missed = [window for window in view.windows if window.fit == "missed"]
    assert len(missed) == 4  # of nine in a row the first three and the last
    assert all(window.seen is None for window in missed)
    assert "9 in a row, every 8h" in missed[0].title
    first, second, _, last = missed
    assert second.due - first.due == timedelta(hours=8)
    assert last.due - first.due == timedelta(hours=64)


def test_sessions_beside_the_schedule_have_no_window(tmp_path: Path) -> None:
    view = polling(tmp_path, right_life(sessions=3, hours=2))
    assert view is not None
    assert len(view.beside) == 2
    assert "early" in view.beside[0].title


def test_a_life_without_a_document_has_no_polling(tmp_path: Path) -> None:
    assert polling(tmp_path, wrong_life()) is None
