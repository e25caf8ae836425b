"""The one header that an inspecting proxy may add to a request: the device's certificate.

The device never sent it, so that whoever reads a flow as an exchange leaves it out. Which one it is
stands in our metadata (design.md section 5); the header itself is made by ``mitm``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mdmcore.capture.connection_record import METADATA_KEY
from mdmcore.http import Headers

FORWARDED_FIELD = "forwarded_certificate"


def device_headers(headers: Headers, metadata: Mapping[Any, Any]) -> Headers:
    """The headers without the one that a flow with these metadata was given on its way."""
    ours = metadata.get(METADATA_KEY)
    note = ours.get(FORWARDED_FIELD) if isinstance(ours, Mapping) else None
    name = note.get("header") if isinstance(note, Mapping) else None
    return headers.without(name) if isinstance(name, str) else headers
