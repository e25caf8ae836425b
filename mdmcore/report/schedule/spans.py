"""Lengths of time in few characters: ``3m``, ``2h15m``, ``13d8h``."""

from __future__ import annotations

from datetime import datetime, timedelta

_UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def span(length: timedelta) -> str:
    """The length in days, hours, minutes and seconds; ``0`` for none, ``-`` before what is
    negative."""
    if length < timedelta(0):
        return f"-{span(-length)}"
    rest, words = int(length.total_seconds()), []
    for seconds, unit in _UNITS:
        number, rest = divmod(rest, seconds)
        if number:
            words.append(f"{number}{unit}")
    return "".join(words) or "0"


def moment(time: datetime) -> str:
    """Day and minute, with seconds where there are some."""
    return time.strftime("%Y-%m-%d %H:%M:%S" if time.second else "%Y-%m-%d %H:%M")
