"""The end of the process, in processes of their own."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import atexit, sys
{loaded}
from mdmcore.cli.leaving import leave

class Late:
    def __del__(self):
        print("python took itself apart")

late = Late()
atexit.register(print, "at exit")
print("said")
leave({code})
"""


def ended(loaded: str, code: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT.format(loaded=loaded, code=code)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("code", [0, 1, 2, 130])
def test_what_is_due_is_done_and_native_threads_meet_no_dying_interpreter(code: int) -> None:
    process = ended("import mitmproxy_rs", code)
    assert process.returncode == code
    assert process.stdout == "said\nat exit\n"
    assert process.stderr == ""


def test_a_command_without_a_proxy_ends_as_any_other() -> None:
    process = ended("", 1)
    assert process.returncode == 1
    assert process.stdout == "said\nat exit\npython took itself apart\n"


def test_a_reader_who_left_changes_nothing() -> None:
    process = subprocess.run(
        [
            sys.executable,
            "-c",
            SCRIPT.format(loaded="import mitmproxy_rs; sys.stdout = None", code=1),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == 1
    assert process.stderr == ""
