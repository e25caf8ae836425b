"""Exchanges of our own as flows: what the reader of flow files makes of them again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mitmproxy.io import FlowWriter

from mdmcore.capture import open_capture
from mdmcore.http import Exchange, Headers, Request, Response, TlsFacts
from mdmcore.mitm.flow_file import flow_from
from tests.support.tls_server import lasting_certificate

EXCHANGE = Exchange(
    id="probe:1",
    index=1,
    capture="probe",
    request=Request(
        method="POST",
        url="https://mdm.example.test:8443/a?b=c",
        headers=Headers([("User-Agent", "phone"), ("Host", "mdm.example.test:8443")]),
        body=b"<x/>",
    ),
    response=Response(status=200, headers=Headers([("Content-Type", "text/xml")]), body=b"<y/>"),
    started=datetime(2026, 11, 26, 6, 30, tzinfo=UTC),
    ended=datetime(2026, 11, 26, 6, 30, 2, tzinfo=UTC),
    tls=TlsFacts(
        version="TLSv1.2",
        cipher="AES128-SHA",
        sni="mdm.example.test",
        server_certificates=(lasting_certificate(),),
    ),
)


def read_back(folder: Path, exchange: Exchange) -> Exchange:
    path = folder / "probe.mitm"
    with path.open("wb") as file:
        FlowWriter(file).add(flow_from(exchange))
    (found,) = open_capture(path, name="probe").exchanges()
    return found


def test_an_exchange_comes_back(tmp_path: Path) -> None:
    assert read_back(tmp_path, EXCHANGE) == EXCHANGE


@pytest.mark.parametrize(
    "url", ["https://mdm.example.test/", "http://mdm.example.test/x", "https://[::1]:444/"]
)
def test_urls(tmp_path: Path, url: str) -> None:
    request = replace(EXCHANGE.request, url=url)
    assert EXCHANGE.tls is not None
    # The device names in TLS what it asks for, an address, too.
    tls = replace(EXCHANGE.tls, sni=request.host)
    exchange = replace(EXCHANGE, request=request, tls=tls)
    assert read_back(tmp_path, exchange).request.url == url


def test_one_without_an_answer(tmp_path: Path) -> None:
    exchange = replace(EXCHANGE, response=None, error="no address", tls=None)
    found = read_back(tmp_path, exchange)
    assert (found.response, found.error) == (None, "no address")


def test_a_host_header_is_there_for_others_alone(tmp_path: Path) -> None:
    request = replace(EXCHANGE.request, headers=Headers())
    exchange = replace(EXCHANGE, request=request)
    assert flow_from(exchange).request.headers["Host"] == "mdm.example.test:8443"
    assert read_back(tmp_path, exchange) == exchange
