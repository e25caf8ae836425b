"""Every real capture and what is found in it, exactly; each finding was judged by hand.

What the log of the Windows 10 device holds is shown in ``test_captured_log``, finding by finding,
against its text. The requests and signing requests come from devices: what devices send is right,
however odd it looks, and no rule may speak of it. That is:

- ``lumia630_csr.der``: a NUL inside the CN and the signature algorithm 1.3.14.3.2.29 are how a
  phone asks; that a server may stumble over them is a matter of the server's answer.
- ``lumia630_wstep_rst.xml``: To is a plain http URL. Who handed it out cannot be seen in a request,
  and the host was edited by hand.
- ``lumia630_syncml_pkg1.xml``: basic credentials in the first message, DmV 1.3, no Final missing.
- the three CSRs of PCs: ``!`` and a NUL in a PrintableString, or UTF8String.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mdmcore.cli.main import run
from tests.inspector.test_captured_log import FOUND
from tests.support.requirements import require

LOG = "win10-enrollment-log.md"
NO_CAPTURES = ("README.md", "LICENSE.safekiddo.md")
LINTED = {
    LOG: FOUND
    # A message alone does not tell what the device did with the account, nor what was answered.
    - {"dm-post-not-to-addr", "empty-response-body", "uncredentialed-package-not-challenged"}
    # A document alone is judged today: the certificate of December 2022 was for a year.
    | {"cert-expired"},
    "csr/mdmtest_win11_csr.der": set(),
    "csr/poc_ngrok_win10_csr.der": set(),
    "csr/win10_19043_csr.der": set(),
    "wp81-lumia/lumia630_csr.der": set(),
    "wp81-lumia/lumia630_syncml_pkg1.xml": set(),
    "wp81-lumia/lumia630_wstep_rst.xml": set(),
}


def found(*command: str | Path, capsys: pytest.CaptureFixture[str]) -> set[str]:
    """The rule ids that a command prints."""
    assert run([*map(str, command), "--format", "json", "--fail-on", "never"]) == 0
    return {one["rule"] for one in json.loads(capsys.readouterr().out)["findings"]}


def test_every_capture_has_its_row() -> None:
    folder = require("captures")
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files - set(NO_CAPTURES) - {f"wp81-lumia/{name}" for name in NO_CAPTURES} == set(LINTED)


@pytest.mark.parametrize("name", LINTED)
def test_each_file_alone(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert found("lint", require("captures") / name, capsys=capsys) == LINTED[name]


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81", "win10"])
@pytest.mark.parametrize("name", [name for name in LINTED if name != LOG])
def test_what_devices_send_is_right_for_each_of_them(
    name: str, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = require("captures") / name
    assert found("lint", file, "--profile", profile, capsys=capsys) == set()


def test_the_log_as_a_whole_life(capsys: pytest.CaptureFixture[str]) -> None:
    assert found("analyze", require("captures") / LOG, capsys=capsys) == FOUND


@pytest.mark.parametrize("name", [name for name in LINTED if name.endswith(".xml")])
def test_a_loose_message_is_a_capture_of_it(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", str(require("captures") / name)]) == 0
    assert "1 exchange in 1 capture, 1 device: 0 errors, 0 warnings" in capsys.readouterr().out


@pytest.mark.parametrize("name", [name for name in LINTED if name.endswith(".der")])
def test_a_loose_file_is_no_capture(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", str(require("captures") / name)]) == 2
    assert "no capture that can be read" in capsys.readouterr().err
