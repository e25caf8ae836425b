"""Flows of phones that came by DNS: whom they meant, and who is refused."""

from __future__ import annotations

import pytest
from mitmproxy import http
from mitmproxy.proxy.mode_specs import ProxyMode

from mdmcore.mitm.direct import DirectPorts, is_direct, misdirected, place
from tests.support.proxy import make_flow


def ours(host: str) -> bool:
    return host.lower().rstrip(".") in {"example.test", "mdm.example.test"}


def direct_flow(
    *,
    host_header: str | None = "mdm.example.test",
    sni: str | None = None,
    mode: str = "reverse:http://example.test@80",
    version: str = "HTTP/1.1",
) -> http.HTTPFlow:
    """A flow as mitmproxy's reverse mode makes it: the target for host, Host as it was sent."""
    headers = {} if host_header is None or version != "HTTP/1.1" else {"Host": host_header}
    flow = make_flow("http://example.test/x", headers=headers, sni=sni, version=version)
    if host_header is None:
        del flow.request.headers["Host"]
    if version != "HTTP/1.1":
        flow.request.data.authority = (host_header or "").encode()
    flow.client_conn.proxy_mode = ProxyMode.parse(mode)
    flow.client_conn.timestamp_tls_setup = 1.0 if sni is not None else None
    flow.client_conn.tls = sni is not None
    return flow


@pytest.mark.parametrize(
    ("mode", "direct"),
    [
        ("reverse:http://example.test@80", True),
        ("reverse:https://MDM.example.test@443", True),
        ("reverse:https://upstream.test", False),
        ("reverse:tcp://example.test:80", False),
        ("regular", False),
        ("dns", False),
    ],
)
def test_a_reverse_mode_to_one_of_our_hosts_is_direct(mode: str, direct: bool) -> None:
    assert is_direct(direct_flow(mode=mode), ours) is direct


@pytest.mark.parametrize(
    ("header", "sni", "url"),
    [
        ("mdm.example.test", None, "http://mdm.example.test/x"),
        ("MDM.example.test:8081", None, "http://mdm.example.test:8081/x"),
        ("other.test", None, "http://other.test/x"),
        # In TLS the name of the connection counts, not what any client can write.
        ("other.test", "mdm.example.test", "https://mdm.example.test/x"),
        ("mdm.example.test", "other.test", "https://other.test/x"),
        ("mdm.example.test:8443", "MDM.example.test", "https://mdm.example.test:8443/x"),
    ],
)
@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/2.0"])
def test_whom_the_device_meant(header: str, sni: str | None, url: str, version: str) -> None:
    flow = direct_flow(host_header=header, sni=sni, version=version)
    sent = flow.request.host_header
    place(flow, ours)
    assert flow.request.url == url
    assert flow.request.host_header == sent


@pytest.mark.parametrize("header", [None, "", "a b", "[::1"])
def test_a_request_that_names_no_host_is_nobodys(header: str | None) -> None:
    flow = direct_flow(host_header=header)
    place(flow, ours)
    assert flow.request.host == ""


def test_other_flows_stay_as_they_are() -> None:
    flow = direct_flow(mode="reverse:http://upstream.test")
    before = flow.get_state()
    place(flow, ours)
    assert flow.get_state() == before


def test_the_refusal_names_the_host() -> None:
    answer = misdirected("other.test")
    assert answer.status == 421
    assert answer.body == b"other.test is not a host of this server\n"
    assert misdirected("").body == b"a host without name is not a host of this server\n"


def test_the_modes_begin_with_the_proxy() -> None:
    assert DirectPorts(host="example.test").modes("0.0.0.0") == [
        "regular",
        "dns@53",
        "reverse:https://example.test@443",
        "reverse:http://example.test@80",
    ]


def test_free_ports_are_different_ones() -> None:
    modes = DirectPorts(host="example.test", dns=0, https=0, http=0).modes("127.0.0.1")
    ports = {ProxyMode.parse(mode).custom_listen_port for mode in modes[1:]}
    assert len(ports) == 3
    assert 0 not in ports


def test_a_flow_from_a_file_stays_as_it_is() -> None:
    flow = direct_flow(host_header="other.test")
    flow.live = False
    place(flow, ours)
    assert flow.request.host == "example.test"
