"""The bodies of the shared captures, as they stand; skips where there are none."""

from __future__ import annotations

import re
import textwrap

from tests.support.requirements import shared_file

_BODY = re.compile(r"^ *-+ (?:Input|Response) Body -+\n(.*?)^ *={20,}", re.M | re.S)


def win10_body(number: int) -> bytes:
    """A body of the Windows 10 log, counted from 0 in its order, without the log's indentation.

    0, 1 discovery; 2, 3 policies; 4, 5 enrolment; each the request, then the answer.
    """
    log = shared_file("captures", "win10-enrollment-log.md").read_text("utf-8")
    bodies = [textwrap.dedent(body).strip() for body in _BODY.findall(log)]
    return bodies[number].encode()


def lumia_rst() -> bytes:
    """The request of the Lumia 630."""
    return shared_file("captures", "wp81-lumia", "lumia630_wstep_rst.xml").read_bytes()


def csr(*parts: str) -> bytes:
    """A CSR file below captures."""
    return shared_file("captures", *parts).read_bytes()
