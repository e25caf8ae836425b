"""Whether the answer to a DM message sends the device elsewhere."""

from __future__ import annotations

from mdmcore.http import Response

_NOT_MODIFIED = 304


def is_dm_redirect(response: Response) -> bool:
    """Whether an answer sends the device elsewhere."""
    return 300 <= response.status < 400 and response.status != _NOT_MODIFIED
