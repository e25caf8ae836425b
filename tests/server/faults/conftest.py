"""Right answers of a life, as mistakes get to see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from mdmcore.server.faults import Answered, Step
from mdmcore.server.faults.faulty import step_of
from tests.matrix.play import Stage

type RightAnswers = Mapping[Step, Answered]


@pytest.fixture
def right(tmp_path: Path) -> Iterator[RightAnswers]:
    """The first answer of each step of a phone's enrolment, first session and hub."""
    stage = Stage(tmp_path, "wp8")
    stage.enroll()
    stage.session()
    stage.hub()
    found: dict[Step, Answered] = {}
    for exchange in stage.played.exchanges:
        step = step_of(exchange.request, stage.tools)
        assert step is not None
        assert exchange.response is not None
        answered = Answered(
            step=step, request=exchange.request, response=exchange.response, tools=stage.tools
        )
        found.setdefault(step, answered)
    yield found
    stage.close()
