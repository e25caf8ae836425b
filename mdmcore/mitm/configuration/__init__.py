"""The configuration file of the emulated server: its schema, reading it, and what follows from it.

TOML, every key optional; ``docs/examples/emulate.toml`` has them all with their defaults. Options
of mitmproxy and of the command line win over the file.
"""

from __future__ import annotations

from mdmcore.mitm.configuration.reading import read_configuration
from mdmcore.mitm.configuration.schema import Configuration
from mdmcore.mitm.configuration.settings import check_settings, settings_of

__all__ = ["Configuration", "check_settings", "read_configuration", "settings_of"]
