"""Packet captures at the command line: a session of the emulated server over real TLS, keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mdmcore.cli.main import run
from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.phone import enroll, sync
from mdmcore.phone import run as drive
from tests.capture.pcap.lab import TLS12, TLS13, Lab
from tests.cli.test_captures import life
from tests.phone.generations import phone_of
from tests.support.flow_capture import write_flows
from tests.support.keys import key_path, load_key
from tests.support.packets import BEGIN_NS, CLIENT, SERVER, Talk
from tests.support.requirements import require_program
from tests.support.server import NOW, FixedClock, counted_random, make_server
from tests.support.tls_chains import leaf, write_chain
from tests.support.tls_talk_in_memory import TlsEnds, server_context

pytestmark = pytest.mark.usefixtures("_tshark")


@pytest.fixture(scope="module")
def _tshark() -> str:
    return require_program("tshark")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> list[Exchange]:
    """An enrolment and a session of the simulated phone at the emulated server, in memory."""
    server, store = make_server(
        tmp_path_factory.mktemp("server"), users=(("user@example.test", "pass & word"),)
    )
    kept: list[Exchange] = []

    def answered(request: Request) -> Response:
        response = server.answer(request)
        started = NOW + timedelta(seconds=len(kept))
        index = len(kept) + 1
        kept.append(
            Exchange(
                id=f"x:{index}",
                index=index,
                capture="x",
                request=request,
                response=response,
                started=started,
                ended=started,
                peer="192.0.2.1",
            )
        )
        return response

    leg = enroll(
        phone_of("wp8"),
        private_key=load_key("device"),
        random=counted_random("phone"),
        clock=FixedClock(),
    )
    phone = drive(leg, answered)
    drive(sync(phone, random=counted_random("sessions"), clock=FixedClock()), answered)
    store.close()
    return kept


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, session: list[Exchange]) -> Lab:
    made = Lab(tmp_path_factory.mktemp("lab"))
    hosts = sorted({exchange.request.host for exchange in session})
    made.chain = write_chain(made.folder / "hosts.pem", leaf(*hosts, issuer=None))
    return made


@pytest.fixture(scope="module")
def capture(lab: Lab, session: list[Exchange]) -> Path:
    """The same over TLS 1.2 with ECDHE, a connection for each host."""
    return lab.write("session.pcap", *_talks(lab, session))


def _talks(lab: Lab, session: list[Exchange]) -> Iterator[Talk]:
    ends: dict[str, TlsEnds] = {}
    number = 0
    for exchange in session:
        host = exchange.request.host
        if host not in ends:
            talk = lab.talk(begins=NOW.timestamp() - BEGIN_NS // 10**9 + number)
            number += 100
            ends[host] = lab.tls(talk, newest=TLS12, name=host)
            assert ends[host].shake_hands() == ""
            yield talk
        ends[host].send(CLIENT, _sent(exchange.request))
        assert exchange.response is not None
        ends[host].send(SERVER, _answered(exchange.response))


def _sent(request: Request) -> bytes:
    url = urlsplit(request.url)
    path = url.path + (f"?{url.query}" if url.query else "")
    return _message(f"{request.method} {path} HTTP/1.1", request.headers, request.body or b"")


def _answered(response: Response) -> bytes:
    return _message(f"HTTP/1.1 {response.status} Said", response.headers, response.body or b"")


def _message(line: str, headers: Headers, body: bytes) -> bytes:
    if "Content-Length" not in headers:
        headers = Headers([*headers, ("Content-Length", str(len(body)))])
    lines = [line, *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def analysis(
    capsys: pytest.CaptureFixture[str], code: int, *arguments: str | Path
) -> dict[str, list[dict[str, str]]]:
    words = ["analyze", *map(str, arguments), "--format", "json", "--fail-on", "never"]
    assert run(words) == code
    found: dict[str, list[dict[str, str]]] = json.loads(capsys.readouterr().out)
    return found


def findings(document: dict[str, list[dict[str, str]]]) -> list[tuple[str, str, str]]:
    return sorted((one["rule"], one["severity"], one["message"]) for one in document["findings"])


def test_a_session_tells_the_same_as_its_flows(
    capture: Path, lab: Lab, session: list[Exchange], capsys: pytest.CaptureFixture[str]
) -> None:
    flows = write_flows(lab.folder / "session.mitm", session)
    told = analysis(capsys, 0, flows)
    found = analysis(capsys, 0, capture, "--key-log", lab.key_log)
    kinds = [one["kind"] for one in found["exchanges"]]
    assert kinds == [one["kind"] for one in told["exchanges"]]
    assert "syncml" in kinds
    # Flows made without TLS have no certificate to judge.
    assert [one for one in findings(found) if not one[0].startswith("tls-")] == findings(told)
    (life,) = found["lives"]
    assert life["outcome"] == "complete"


def test_without_a_key_it_is_said_what_is_needed(
    capture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["analyze", str(capture), "--fail-on", "never"]) == 2
    said = capsys.readouterr()
    assert "no key decrypts them (they use ECDHE): record a key log" in said.err
    assert "captured and not decrypted: TLS 1.2" in said.out
    assert "Traceback" not in said.err


def test_the_servers_key_does_not_open_ecdhe(
    capture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = key_path("device2")
    assert run(["analyze", str(capture), "--rsa-key", str(key), "--fail-on", "never"]) == 2
    said = capsys.readouterr().err
    assert "this key cannot decrypt these connections (they use ECDHE): record a key log" in said


def test_a_key_log_of_another_session(
    capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.log"
    other.write_text(f"CLIENT_RANDOM {'ab' * 32} {'cd' * 48}\n")
    assert run(["analyze", str(capture), "--key-log", str(other), "--fail-on", "never"]) == 2
    assert "this key log fits no connection in the capture" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "content", "words"),
    [
        ("--key-log", "hello\n", "no key log"),
        ("--rsa-key", "hello\n", "no private key in PEM"),
    ],
)
def test_a_key_that_is_none(
    option: str,
    content: str,
    words: str,
    capture: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "key"
    path.write_text(content)
    assert run(["analyze", str(capture), option, str(path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"mdmproxy: error: {path}: {words}")


def test_without_tshark_one_line_says_what_to_install(
    capture: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(["analyze", str(capture)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"mdmproxy: error: {capture}: packet captures are read by tshark")
    assert "apt install tshark" in line


def test_a_refused_certificate_is_a_finding(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """Without any key: a device that does not know the root of the discovery host."""
    talk = lab.talk(ends=CLIENT)
    ends = lab.tls(talk, newest=TLS12, trusts=lab.roots, name="enterpriseenrollment.example.test")
    assert "client" in ends.shake_hands()
    path = lab.write("refused.pcap", talk)
    assert run(["analyze", str(path)]) == 1
    said = capsys.readouterr()
    assert "tls-root-not-on-device" in said.out
    assert "alert unknown_ca" in said.out
    assert said.err == ""


def test_a_server_that_nobody_reaches_at_the_devices_version(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    talk = lab.talk()
    server = server_context(lab.chain)
    server.minimum_version = TLS13
    ends = lab.tls(talk, newest=TLS12, server=server, name="enterpriseenrollment.example.test")
    assert "server" in ends.shake_hands()
    found = analysis(capsys, 0, lab.write("modern.pcap", talk))
    assert "tls-too-modern" in {one["rule"] for one in found["findings"]}


def rules(document: dict[str, list[dict[str, str]]]) -> set[str]:
    return {one["rule"] for one in document["findings"] if not one["rule"].startswith("tls-")}


def test_a_mistake_is_found_in_the_capture_and_in_what_is_converted(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    exchanges = life()
    told = rules(analysis(capsys, 0, write_flows(lab.folder / "life.mitm", exchanges)))
    assert "missing-212" in told
    path = lab.write("life.pcap", *_talks(lab, exchanges))
    keys = ("--key-log", str(lab.key_log))
    found = analysis(capsys, 0, path, *keys)
    assert rules(found) == told
    flows = lab.folder / "converted.mitm"
    assert run(["convert", str(path), str(flows), *keys]) == 0
    capsys.readouterr()
    assert findings(analysis(capsys, 0, flows)) == findings(found)


def test_folders_are_read_with_the_keys_in_each_process(
    capture: Path, lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.pcap", "b.pcap"):
        (tmp_path / name).write_bytes(capture.read_bytes())
    found = analysis(capsys, 0, tmp_path, "--jobs", "2", "--key-log", lab.key_log)
    assert [one["format"] for one in found["captures"]] == ["pcap", "pcap"]
    assert len(found["lives"]) == 2


def test_explain_and_schedule_take_the_keys(
    capture: Path, lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = ["--key-log", str(lab.key_log)]
    assert run(["explain", "0x80180024", "--in", str(capture), *keys, "--fail-on", "never"]) == 0
    assert "none of their rules fired" in capsys.readouterr().out
    assert run(["schedule", "--in", str(capture), *keys, "--fail-on", "never"]) == 0
    assert "OmaDmRetry" in capsys.readouterr().out
