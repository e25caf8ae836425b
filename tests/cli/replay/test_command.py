"""``mdmproxy replay``: what a user types, and what cannot be replayed."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from mdmcore.cli.main import run
from mdmcore.http import Exchange
from tests.report.diff.lives import exchanges_of
from tests.support.flow_capture import write_flows
from tests.support.requirements import shared_file

TO = ("--as-device", "--to", "https://test.example.test")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_flows(tmp_path_factory.mktemp("flows") / "session.mitm", exchanges_of("wp8")))


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line on stderr of a command line that is refused."""
    assert run(["replay", *arguments]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    (line,) = [one for one in output.err.splitlines() if one.startswith("mdmproxy: error: ")]
    assert output.err.endswith(f"{line}\n")
    return line.removeprefix("mdmproxy: error: ")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ((), "say which side to be: --as-device --to URL, or --as-server"),
        (("--as-device", "--as-server"), "say which side to be"),
        (("--as-device",), "--as-device needs --to URL, the server under test"),
        (("--as-server", "--to", "https://x"), "--to and --user go with --as-device"),
        ((*TO, "--user", "joe"), "--user: use NAME:PASSWORD"),
        (("--as-device", "--to", "mdm.acme.test"), "give a whole URL, such as https://"),
        (("--as-device", "--to", "https://h:port"), "--to https://h:port: Port could not"),
        ((*TO, "--upstream-ca", "none.pem"), "--upstream-ca none.pem: no such file"),
        ((*TO, "-o", "none/diff.json"), "-o none/diff.json: cannot be written there"),
        ((*TO, "--record", "none/a.mitm"), "--record none/a.mitm: cannot be written there"),
        ((*TO, "--resolve", "nonsense"), "--resolve nonsense: use HOST:IP"),
        ((*TO, "--life", "life-9"), "has no life 'life-9', but life-1 (user0@example.test"),
    ],
    ids=lambda value: "-".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_what_cannot_be_asked_is_one_line(
    options: tuple[str, ...], reason: str, session: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reason in said(capsys, session, *options)


def test_a_capture_with_several_lives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = [*exchanges_of("wp8"), *exchanges_of("wp8", "entdmid-missing", number=1)]
    path = str(write_flows(tmp_path / "both.mitm", both))
    line = said(capsys, path, *TO)
    assert line.startswith(f"{path} has 2 lives, name one with --life: life-1 (user0@example.test")


def test_a_capture_without_a_device(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_flows(tmp_path / "empty.mitm", [])
    assert "no" in said(capsys, str(path), *TO)


def test_what_is_no_capture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "notes.bin"
    path.write_bytes(b"\0\1\2")
    assert said(capsys, str(path), *TO).startswith(f"{path}: ")


def test_a_capture_without_answers_cannot_be_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def unanswered(one: Exchange) -> Exchange:
        return replace(one, response=None, error="timed out")

    path = write_flows(tmp_path / "lost.mitm", map(unanswered, exchanges_of("wp8")[:4]))
    line = said(capsys, str(path), "--as-server", "--listen-port", "0")
    assert line == f"{path}: no answer of a server in it that could be served"


def test_a_server_that_cannot_be_reached(session: str, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{taken.getsockname()[1]}"
        line = said(capsys, session, "--as-device", "--to", url)
    assert line.startswith(f"--to {url}: no answer: {url}/EnrollmentServer/Discovery.svc: ")
    assert "refused" in line.lower()


def test_a_captured_life_of_a_real_device(capsys: pytest.CaptureFixture[str]) -> None:
    """The log of a Windows 10 PC is read and its requests are sent, as far as a server is there."""
    path = shared_file("captures", "win10-enrollment-log.md")
    line = said(capsys, str(path), "--as-device", "--to", "http://127.0.0.1:9")
    assert line.startswith(
        "--to http://127.0.0.1:9: no answer: http://127.0.0.1:9/EnrollmentServer"
    )
