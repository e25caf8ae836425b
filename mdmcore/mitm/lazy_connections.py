"""When mitmproxy connects to servers: not before a request is seen, as far as we may say.

With the eager strategy CONNECT to a host that is not in DNS fails before any hook.
"""

from __future__ import annotations

import logging
from typing import Any

from mitmproxy import optmanager

logger = logging.getLogger(__name__)


def prefer_lazy(options: Any) -> None:
    """Set the lazy strategy, unless the user chose the other one: then say what comes of it."""
    if "connection_strategy" not in options:
        return
    # Only the raw value tells a default from the same value given by the user.
    if options._options["connection_strategy"].value is optmanager.unset:
        options.update(connection_strategy="lazy")
    elif options.connection_strategy != "lazy":
        logger.warning(
            "mdmproxy: connection_strategy is %s: CONNECT to a host that does not exist in "
            "DNS will fail; use lazy",
            options.connection_strategy,
        )
