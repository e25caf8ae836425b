"""Mistakes that a server could make on purpose and the emulated one does not, each with the reason.

Data stands in ``catalogue/unmade.toml``. Which faults there are is the server's own knowledge.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType


@cache
def unmade() -> Mapping[str, str]:
    """Why, by the id of the rule, in the order of the file; read once."""
    file = resources.files("mdmcore.rules").joinpath("catalogue", "unmade.toml")
    rows = tomllib.loads(file.read_text("utf-8"))["rule"]
    return MappingProxyType({row["id"]: row["why"] for row in rows})
