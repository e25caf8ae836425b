"""Where mitmproxy's scripts are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

import mdmcore
from mdmcore.errors import ConfigError


def addon_directory() -> Path:
    """The folder with the ``mdm_*.py`` scripts.

    The wheel's copy is asked for first: what lies beside an installed package is not ours.
    """
    package = Path(mdmcore.__file__).resolve().parent
    for folder in (package / "_addons", package.parent / "addons"):
        if any(folder.glob("mdm_*.py")):
            return folder
    raise ConfigError(
        f"the mitmproxy scripts of mdmproxy are missing from {package}; install mdmproxy again"
    )
