"""mitmproxy's own interface in this terminal. A separate module because it costs import time that
nobody else should pay.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from mitmproxy.tools.console.master import ConsoleMaster

from mdmcore.errors import ConfigError


def make_console_master(options: Any) -> ConsoleMaster:
    """The master; ConfigError where there is no terminal: mitmproxy would end the process, or fall
    over one that has no width."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ConfigError("--console needs a terminal for input and output")
    if 0 in os.get_terminal_size(sys.stdout.fileno()):
        raise ConfigError("--console needs a terminal that tells its size")
    return ConsoleMaster(options)
