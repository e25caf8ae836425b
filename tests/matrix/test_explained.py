"""Each mistake that makes the simulated phone give up is called by its name in a probe."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

import pytest

from mdmcore.profiles import PROFILES
from mdmcore.report.explanation import Certainty
from mdmcore.rules.refused import giving_up
from mdmcore.server.faults import FAULTS
from tests.support.probes import probe_in_memory

EVERY_FAULT = "wp8"
"""The kind of device that meets each mistake. The others meet those for which a device is known to
give up: that none gives up elsewhere is what the matrix looks at."""

OTHER_NAMES = MappingProxyType(
    {
        # Only the server knows that it cannot do what discovery named; a token of its own sign-in
        # page, which 8.1 for PCs has, shows it.
        "auth-policy-unimplemented": dict.fromkeys(("wp8", "wp81", "win10"), "enrollment-refused"),
        # One attempt is no loop yet.
        "enroll-attempt-loop": dict.fromkeys(PROFILES, "enroll-http-error"),
        # This device knows no Federated enrolment, so the missing page is not its trouble.
        "federated-url-missing": {"wp8": "auth-policy-not-offered"},
        # It sends no RequestVersion, so the rule on those does not hold for it.
        "discover-version-allowlist": {"win81": "enrollment-refused"},
    }
)
"""What a mistake is called where nothing on the wire tells it from another, by kind of device."""


def lives() -> Iterator[tuple[str, str]]:
    """Fault and kind of device."""
    for fault in FAULTS:
        is_known = bool(giving_up(fault)) or fault in OTHER_NAMES
        for profile in PROFILES:
            if profile == EVERY_FAULT or is_known:
                yield fault, profile


@pytest.mark.parametrize(("fault", "profile"), list(lives()))
def test_a_refusal_is_called_by_its_mistake(fault: str, profile: str) -> None:
    for step in probe_in_memory(profile, fault).refusals:
        told = step.explanation
        assert told is not None
        assert told.rule is not None, told.place
        assert told.rule.id == OTHER_NAMES.get(fault, {}).get(profile, fault)
        assert told.certainty is not Certainty.UNKNOWN
        assert told.expected
