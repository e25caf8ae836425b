"""The mistakes that an emulated server makes from its start on."""

from __future__ import annotations

from collections.abc import Sequence

from mdmcore.errors import ConfigError
from mdmcore.mitm.configuration.schema import FaultTable
from mdmcore.server.faults import ActiveFault, parse_fault


def standing_faults(tables: Sequence[FaultTable]) -> tuple[ActiveFault, ...]:
    """The mistakes of the file. ConfigError ``$.faults[n]: what is wrong``."""
    found = []
    for number, table in enumerate(tables):
        step = f"@{table.step}" if table.step else ""
        times = f"*{table.times}" if table.times else ""
        try:
            found.append(parse_fault(f"{table.id}{step}{times}"))
        except ConfigError as error:
            raise ConfigError(f"$.faults[{number}]: {error}") from None
    return tuple(found)
