"""What can be chosen on the command line of ``probe``."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from mdmcore.errors import ConfigError


class ProbeFormat(StrEnum):
    """How the result is written."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"
    SARIF = "sarif"


class StepName(StrEnum):
    """The steps that can be left out."""

    SESSION = "session"
    QUESTIONS = "questions"
    HUB = "hub"
    RENEW = "renew"
    UNENROLL = "unenroll"


def read_steps(given: Iterable[str]) -> frozenset[StepName]:
    """Names of steps, several in one word where commas are between them."""
    names = [name.strip() for text in given for name in text.split(",") if name.strip()]
    try:
        return frozenset(map(StepName, names))
    except ValueError as error:
        raise ConfigError(
            f"--skip: {str(error).split(' is ')[0]} is no step; use {', '.join(StepName)}"
        ) from None
