"""Values that were found, and how many of them may be."""

from __future__ import annotations

import pytest

from mdmcore.capture.redact import known
from mdmcore.capture.redact.kinds import ValueKind
from mdmcore.capture.redact.known import KnownValues
from mdmcore.errors import ConfigError


def test_what_was_replaced_is_searched_or_the_run_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MAX_VALUES", 2)
    values = KnownValues()
    for number in range(2):
        values.replaced(ValueKind.SECRET, f"secret-{number}")
    values.check_bounds()
    assert len(list(values.searched())) == 2
    values.replaced(ValueKind.SECRET, "secret-2")
    with pytest.raises(ConfigError, match="more to replace than is kept in memory"):
        values.check_bounds()
