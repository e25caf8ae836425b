"""Replaying captures: as the device with a server under test, or as the server to a device.

Sans-IO, as the phone and the server are: requests and answers go in and out as values; clock, keys
and randomness come in by parameter.
"""

from __future__ import annotations

from mdmcore.replay.device import Replayed, is_replayable, replay
from mdmcore.replay.difference import compare_answers, unanswered
from mdmcore.replay.drive import Stop, Tools, UnreachableError
from mdmcore.replay.server import ReplayServer
from mdmcore.replay.soap import User
from mdmcore.replay.urls import UrlMap

__all__ = [
    "ReplayServer",
    "Replayed",
    "Stop",
    "Tools",
    "UnreachableError",
    "UrlMap",
    "User",
    "compare_answers",
    "is_replayable",
    "replay",
    "unanswered",
]
