"""Each mistake that makes the simulated phone give up is called by its name in a probe."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from mdmcore.report.explanation import Certainty
from mdmcore.server.faults import FAULTS
from tests.support.probes import probe_in_memory

PROFILE = "wp8"

OTHER_NAMES = MappingProxyType(
    {
        # Only the server knows that it cannot do what discovery named.
        "auth-policy-unimplemented": "enrollment-refused",
        # One attempt is no loop yet.
        "enroll-attempt-loop": "enroll-http-error",
        # This device knows no Federated enrolment, so the missing page is not its trouble.
        "federated-url-missing": "auth-policy-not-offered",
    }
)
"""What a mistake is called where nothing on the wire tells it from another, and why."""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_refusal_is_called_by_its_mistake(fault: str) -> None:
    for step in probe_in_memory(PROFILE, fault).refusals:
        told = step.explanation
        assert told is not None
        assert told.rule is not None, told.place
        assert told.rule.id == OTHER_NAMES.get(fault, fault)
        assert told.certainty is not Certainty.UNKNOWN
        assert told.expected
