"""The template engine of the page: escapes everything, and shows what cannot be seen.

``css`` and ``js`` go into the page as they are, named in its Content-Security-Policy by digest: no
other style and no other script is let run, whatever stands in a capture.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mdmcore.report.html.visible import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """An inlined file and the source expression by which the policy lets it in."""

    text: Markup
    source: str


@functools.cache
def environment() -> Environment:
    """The engine; every value that a template prints passes ``visible`` and is escaped."""
    return Environment(
        loader=PackageLoader("mdmcore.report.html"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@functools.cache
def asset(name: str) -> Asset:
    """A style or script of the page."""
    loader = environment().loader
    assert loader is not None
    text = loader.get_source(environment(), name)[0]
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return Asset(text=Markup(text), source=f"'sha256-{digest}'")


def render(name: str, **values: object) -> str:
    """The template with these values."""
    return environment().get_template(name).render(values)


def _shown(value: object) -> object:
    if value is None:
        return ""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
