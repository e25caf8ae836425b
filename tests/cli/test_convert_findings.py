"""What is found in a capture is found in what ``mdmproxy convert`` makes of it, in each format."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mitmproxy.test import tflow
from mitmproxy.test.tflow import ttcpflow

from mdmcore.capture import open_capture
from mdmcore.connection import Connection
from mdmcore.http import (
    Headers,
    Request,
    Response,
    TlsFacts,
    connection_exchange,
)
from mdmcore.mitm.flow_file import flow_from
from mdmcore.mitm.mark_flow import end_flow, mark_flow
from tests.capture.archives import broken_off, exchange, har_bytes
from tests.capture.flow_files import flow_bytes, http_flow
from tests.matrix.play import Stage, play
from tests.support.converting import (
    SUFFIXES,
    chained,
    check_every_format,
    converted,
    flows_in,
    judged,
)
from tests.support.requirements import shared_file
from tests.support.tls_server import lasting_certificate

ENDED = datetime(2026, 3, 1, 13, 0, tzinfo=UTC)
FAULTS = (
    "policy-oid-dangling",
    "wap-thumbprint-mismatch",
    "digest-missing-colon",
    "hub-206-no-content-range",
)
"""Mistakes in different steps: in documents, digests and headers."""


DISCOVERY = "https://enterpriseenrollment.example.test/EnrollmentServer/Discovery.svc"


def everything() -> bytes:
    """Flows with what only a live proxy sees: certificates, a connection without a request, a
    mark, an answer that was broken off behind its beginning, and an end."""
    asked = Request(method="GET", url=DISCOVERY, headers=Headers([("User-Agent", "WindowsPhone")]))
    tls = TlsFacts(
        version="TLSv1.2",
        sni="enterpriseenrollment.example.test",
        server_certificates=(lasting_certificate(),),
    )
    cut = exchange(
        request=asked,
        response=Response(status=200, headers=Headers([("Content-Length", "9")]), body=None),
        tls=tls,
        error="the device left: peer closed connection",
        is_begun=True,
    )
    record = replace(broken_off().connection or Connection(host=""), sni=tls.sni or "")
    refused = connection_exchange(record, id="c:1", index=1, capture="c")
    flows = [flow_from(one) for one in (exchange(), refused, cut)]
    return flow_bytes(*flows, mark_flow("here it happens", ENDED), end_flow(ENDED))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_all_that_a_proxy_saw_comes_back(suffix: str, tmp_path: Path) -> None:
    source = tmp_path / "session.mitm"
    source.write_bytes(everything())
    exchanges, findings = judged(source)
    assert len(exchanges) == 4
    assert {one.rule for one in findings} >= {
        "tls-root-not-on-device",
        "tls-name-mismatch",
    }
    *_, there, back = chained(source, tmp_path, suffix, "mitm")
    for path in (there, back):
        assert judged(path) == (exchanges, findings)
        capture = open_capture(path)
        list(capture.exchanges())
        assert capture.until == ENDED


def _short_life(stage: Stage) -> None:
    stage.enroll()
    stage.hub()
    stage.sessions(1)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_life_with_a_mistake_is_judged_alike_in_each_format(fault: str, tmp_path: Path) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    source = tmp_path / "life.mitm"
    played = play(folder, "wp8", fault, life=_short_life)
    source.write_bytes(flow_bytes(*(flow_from(one) for one in played.exchanges)))
    assert fault in {one.rule for one in judged(source)[1]}
    check_every_format(source, tmp_path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_log_is_judged_alike(suffix: str, tmp_path: Path) -> None:
    source = shared_file("captures", "win10-enrollment-log.md")
    first = judged(source)
    assert first[1]
    (_, path) = chained(source, tmp_path, suffix, options=["--annotate"])
    assert judged(path) == first


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_messages_of_a_real_phone_are_judged_alike(suffix: str, tmp_path: Path) -> None:
    bodies = [
        (name, shared_file("captures", "wp81-lumia", name).read_bytes())
        for name in ("lumia630_wstep_rst.xml", "lumia630_syncml_pkg1.xml")
    ]
    exchanges = [
        exchange(
            request=Request(
                method="POST",
                url=f"https://mdm.example.test/{name}",
                headers=Headers([("Content-Type", "application/vnd.syncml.dm+xml")]),
                body=body,
            )
        )
        for name, body in bodies
    ]
    source = tmp_path / "real.har"
    source.write_bytes(har_bytes(exchanges))
    (_, path) = chained(source, tmp_path, suffix)
    assert judged(path) == judged(source)


def test_flows_stay_byte_for_byte(tmp_path: Path) -> None:
    source = tmp_path / "session.mitm"
    talk = tflow.twebsocketflow()
    source.write_bytes(flow_bytes(http_flow("/a"), talk, ttcpflow(), tflow.tdnsflow()))
    (_, path) = chained(source, tmp_path, "flows")
    assert path.read_bytes() == source.read_bytes()


def test_annotating_changes_notes_alone(tmp_path: Path) -> None:
    source = tmp_path / "session.mitm"
    flow = tflow.twebsocketflow()
    flow.comment = "look at this"
    flow.metadata["theirs"] = 1
    source.write_bytes(flow_bytes(flow, ttcpflow()))
    (_, path) = chained(source, tmp_path, "flow", options=["--annotate"])
    first, second = flows_in(path)
    assert first.comment.startswith("look at this [mdm] ")
    assert first.metadata["theirs"] == 1
    state, before = first.get_state(), flow.get_state()
    for changed in ("comment", "marked", "metadata"):
        del state[changed], before[changed]
    assert state == before
    assert second.type == "tcp"


def test_what_is_not_kept_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "session.mitm", tmp_path / "out.har"
    source.write_bytes(flow_bytes(http_flow(), tflow.twebsocketflow(), ttcpflow()))
    assert converted(source, out) == 0
    assert capsys.readouterr().err.splitlines() == [
        f"mdmproxy: not kept in {out}: 1 tcp, 3 websocket message",
        f"mdmproxy: wrote {out}: 2 exchanges (har)",
    ]
