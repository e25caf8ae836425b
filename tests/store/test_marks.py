"""Marks: set by one, taken by every one that asks, kept for a day."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from mdmcore.store import Database
from mdmcore.store.marks import KEPT, NewMarks
from tests.store.samples import NOW


def words(marks: NewMarks) -> list[str]:
    return [mark.text for mark in marks.take()]


def test_each_asker_gets_each_mark_once_from_its_beginning_on(
    database: Database, path: Path
) -> None:
    database.set_mark("before", NOW)
    with closing(NewMarks(path)) as early:
        made = database.set_mark("größer als 'x'", NOW + timedelta(seconds=1, microseconds=5))
        with closing(NewMarks(path)) as late:
            database.set_mark("third", NOW)
            assert early.take()[0] == made
            assert words(late) == ["third"]
            assert words(early) == []
            database.set_mark("fourth", NOW)
            assert (words(early), words(late)) == (["fourth"], ["fourth"])
            assert (words(early), words(late)) == ([], [])


def test_what_else_is_written_is_no_mark(database: Database, path: Path) -> None:
    with closing(NewMarks(path)) as marks:
        database.order_fault("missing-212", NOW)
        assert marks.take() == ()


def test_nothing_is_read_while_nobody_writes(database: Database, path: Path) -> None:
    with closing(NewMarks(path)) as marks:
        asked: list[str] = []
        marks._connection.set_trace_callback(asked.append)
        for _ in range(3):
            marks.take()
        assert asked == ["PRAGMA data_version"] * 3


def test_a_writer_is_not_waited_for(database: Database, path: Path) -> None:
    with closing(NewMarks(path)) as marks, database._transaction() as connection:
        connection.exec_driver_sql("INSERT INTO marks (text, at) VALUES ('unfinished', '')")
        assert marks.take() == ()
        connection.rollback()


def test_old_marks_go_and_their_numbers_are_not_used_again(database: Database, path: Path) -> None:
    first = database.set_mark("first", NOW)
    with closing(NewMarks(path)) as marks:
        second = database.set_mark("second", NOW + KEPT + timedelta(seconds=1))
        assert second.id > first.id
        assert words(marks) == ["second"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT text FROM marks").fetchall() == [("second",)]


def test_a_file_without_marks_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.Error):
        NewMarks(tmp_path / "empty.sqlite3")
