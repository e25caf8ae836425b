"""Log records as lines for whoever runs the proxy."""

from __future__ import annotations

import logging

from mdmcore.mitm.log_relay import LogRelay

OURS, THEIRS = logging.getLogger("mdmcore.mitm.x"), logging.getLogger("mitmproxy.x")


def test_ours_from_info_theirs_from_warning() -> None:
    lines: list[tuple[int, str]] = []
    with LogRelay(lambda level, line: lines.append((level, line))) as relay:
        relay.is_starting = False
        OURS.debug("a")
        OURS.info("b %s", 1)
        THEIRS.info("c")
        THEIRS.warning("two\nlines")
        THEIRS.error("d")
    OURS.info("after")
    assert lines == [
        (logging.INFO, "b 1"),
        (logging.WARNING, "two lines"),
        (logging.ERROR, "d"),
    ]


def test_an_exception_is_named_without_traceback_or_text() -> None:
    lines: list[str] = []
    with LogRelay(lambda level, line: lines.append(line)) as relay:
        relay.is_starting = False
        try:
            raise ValueError("hunter2")
        except ValueError:
            THEIRS.exception("addon failed")
    assert len(lines) == 1
    assert lines[0].startswith("addon failed: ValueError at test_log_relay.py:")


def test_during_the_start_errors_are_kept_and_the_first_counts() -> None:
    lines: list[str] = []
    with LogRelay(lambda level, line: lines.append(line)) as relay:
        THEIRS.error("port in use")
        OURS.error("second")
        OURS.warning("a warning")
        assert relay.first_error == "port in use"
    assert lines == ["a warning"]


def test_levels_are_put_back() -> None:
    logger = logging.getLogger("mdmcore")
    before = logger.level
    with LogRelay(None):
        assert logger.level == logging.INFO
        OURS.info("nobody listens")
    assert logger.level == before
