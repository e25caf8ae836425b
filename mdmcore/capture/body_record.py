"""Where a flow keeps what is known of a body that passed through and was not kept.

What stands in the record is known to ``mdmcore.passed_body``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mdmcore.capture.connection_record import METADATA_KEY
from mdmcore.passed_body import PassedBody, parse_passed

PASSED_FIELD = "passed"


def passed_of(metadata: Mapping[Any, Any]) -> PassedBody | None:
    """What these metadata know of the answer's body, ``None`` where nothing is.

    Raises ParseError for a record that is damaged.
    """
    ours = metadata.get(METADATA_KEY)
    if not isinstance(ours, Mapping) or PASSED_FIELD not in ours:
        return None
    return parse_passed(ours[PASSED_FIELD])
