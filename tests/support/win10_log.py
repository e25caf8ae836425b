"""The request bodies of the captured Windows 10 log, cut out without our own reader.

The log was pretty-printed with an indent; the common indent and the blank lines around a body are
taken away (Windows sends neither), everything else stays as it stands.
"""

from __future__ import annotations

import re
import textwrap

from tests.support.requirements import shared_file

_BODY = re.compile(r"-+ Input Body -+\n(.*?)\n *=====", re.DOTALL)


def request_bodies() -> dict[str, bytes]:
    """``discover``, ``policies``, ``enrollment``, ``syncml-1`` and ``syncml-2``."""
    text = shared_file("captures", "win10-enrollment-log.md").read_text("utf-8")
    bodies = [textwrap.dedent(body).strip().encode() for body in _BODY.findall(text)]
    names = ("discover", "policies", "enrollment", "syncml-1", "syncml-2")
    return dict(zip(names, bodies, strict=True))
