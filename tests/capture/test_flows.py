"""Flow files written by mitmproxy's own writer, whole and damaged."""

from __future__ import annotations

import gc
import gzip
import io
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mitmproxy.certs import Cert
from mitmproxy.flow import Error
from mitmproxy.http import Headers as FlowHeaders
from mitmproxy.io import FlowReader, tnetstring
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.test import tflow, tutils

from mdmcore.capture.content_coding import MAX_DECODED_BODY
from mdmcore.capture.flows import exchange_from_flow, read_flows
from mdmcore.capture.source import Reading
from mdmcore.http import Exchange, Response
from mdmcore.mitm.mark_flow import end_flow
from mdmcore.pki.authority import certificate_pem, create_authority
from tests.capture.flow_files import flow_bytes, http_flow, read
from tests.support.keys import load_key


def exchange(flow) -> Exchange:
    return exchange_from_flow(flow, id="c:1", index=1, capture="c")


def response(flow) -> Response:
    found = exchange(flow).response
    assert found is not None
    return found


class TestExchange:
    def test_names_the_host_of_the_connection(self):
        flow = tflow.tflow(
            req=tutils.treq(
                scheme=b"https",
                host="mdm.example.test",
                port=443,
                path=b"/omadm?mode=x",
                headers=FlowHeaders(((b"Host", b"other.test"),)),
            )
        )
        assert exchange(flow).request.url == "https://mdm.example.test/omadm?mode=x"

    @pytest.mark.parametrize(
        ("scheme", "host", "port", "url"),
        [
            (b"http", "a.test", 80, "http://a.test/path"),
            (b"http", "a.test", 8080, "http://a.test:8080/path"),
            (b"https", "a.test", 80, "https://a.test:80/path"),
            (b"http", "::1", 80, "http://[::1]/path"),
            (b"http", "bücher.test", 80, "http://xn--bcher-kva.test/path"),
            (b"http", "a/b[c]@d", 80, "http://a%2Fb%5Bc%5D%40d/path"),
        ],
    )
    def test_url(self, scheme, host, port, url):
        flow = tflow.tflow(req=tutils.treq(scheme=scheme, host=host, port=port))
        request = exchange(flow).request
        assert request.url == url
        assert request.path == "/path"

    def test_a_request_for_the_server_itself_has_a_path(self):
        flow = tflow.tflow(req=tutils.treq(method=b"OPTIONS", path=b"*"))
        assert exchange(flow).request.url == "http://address:22/*"

    def test_carries_facts_of_the_flow(self):
        flow = http_flow(status_code=207)
        flow.request.timestamp_start = 946684800.5
        found = exchange(flow)
        assert (found.id, found.index, found.capture) == ("c:1", 1, "c")
        assert found.request.method == "GET"
        assert found.request.headers.get("header") == "qvalue"
        assert found.request.body == b"content"
        assert found.response is not None
        assert found.response.status == 207
        assert found.started == datetime(2000, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)
        assert found.peer == "127.0.0.1"
        assert found.error is None
        assert found.verbatim

    def test_a_hung_up_flow_has_an_error_and_no_response(self):
        found = exchange(tflow.tflow(err=True))
        assert found.response is None
        assert found.error == "error"

    def test_a_streamed_body_is_not_an_empty_one(self):
        flow = tflow.tflow(req=tutils.treq(content=b""), resp=tutils.tresp(content=None))
        assert exchange(flow).request.body == b""
        assert response(flow).body is None

    def test_content_encoding_is_removed(self):
        flow = http_flow(
            content=gzip.compress(b"<SyncML/>"),
            headers=FlowHeaders(((b"content-encoding", b"gzip"),)),
        )
        assert response(flow).body == b"<SyncML/>"

    def test_a_body_that_is_not_what_its_encoding_says_stays(self):
        flow = http_flow(content=b"plain", headers=FlowHeaders(((b"content-encoding", b"gzip"),)))
        assert response(flow).body == b"plain"

    def test_a_decompression_bomb_stays_compressed(self):
        packed = gzip.compress(bytes(MAX_DECODED_BODY + 1))
        flow = http_flow(content=packed, headers=FlowHeaders(((b"content-encoding", b"gzip"),)))
        assert response(flow).body == packed

    def test_header_bytes_that_are_not_utf8_are_kept(self):
        flow = http_flow(headers=FlowHeaders(((b"x-note", b"caf\xe9"),)))
        assert response(flow).headers.get("X-Note") == "caf\xe9"

    @pytest.mark.parametrize("seconds", [float("nan"), float("inf"), 1e300, -1e300])
    def test_an_impossible_time_is_no_time(self, seconds):
        flow = http_flow()
        flow.request.timestamp_start = seconds
        assert exchange(flow).started is None

    def test_tls_facts_and_certificates(self):
        authority = create_authority(
            common_name="device",
            private_key=load_key("device"),
            now=datetime(2024, 1, 1, tzinfo=UTC),
            serial=1,
            lifetime=timedelta(days=2),
        )
        pem = certificate_pem(authority.certificate)
        flow = http_flow()
        flow.client_conn.tls = True
        flow.client_conn.tls_version = "TLSv1.2"
        flow.client_conn.sni = "mdm.example.test"
        flow.client_conn.certificate_list = [Cert.from_pem(pem)]
        (found,), _ = read(flow_bytes(flow))
        assert found.tls is not None
        assert found.tls.version == "TLSv1.2"
        assert found.tls.sni == "mdm.example.test"
        assert found.tls.client_certificates == (authority.certificate,)
        assert found.tls.server_certificates == ()

    def test_plain_http_has_no_tls_facts(self):
        flow = http_flow()
        flow.client_conn.tls = False
        flow.server_conn.certificate_list = []
        assert exchange(flow).tls is None


class TestFile:
    def test_gives_all_flows_in_order(self):
        found, reading = read(flow_bytes(*(http_flow(f"/{n}") for n in range(5))))
        assert [each.request.path for each in found] == ["/0", "/1", "/2", "/3", "/4"]
        assert [each.id for each in found] == [f"c.mitm:{n}" for n in range(1, 6)]
        assert reading.problems == []
        assert reading.exchanges == 5

    def test_agrees_with_mitmproxys_own_reader(self):
        data = flow_bytes(http_flow("/a"), tflow.tflow(err=True), http_flow("/b"))
        theirs = [exchange(flow) for flow in FlowReader(io.BytesIO(data)).stream()]
        ours, _ = read(data)
        assert [(e.request, e.response, e.started, e.error) for e in ours] == [
            (e.request, e.response, e.started, e.error) for e in theirs
        ]

    def test_an_empty_file_has_no_exchanges_and_is_whole(self):
        assert read(b"")[0] == []
        assert read(b"")[1].problems == []

    def test_counts_flows_that_are_not_http(self):
        data = flow_bytes(
            tflow.ttcpflow(),
            tflow.tudpflow(),
            tflow.tdnsflow(resp=True),
            http_flow(),
            tflow.ttcpflow(),
        )
        found, reading = read(data)
        assert [each.index for each in found] == [1]
        assert reading.passed_over == {"tcp": 2, "udp": 1, "dns": 1}
        assert reading.problems == []

    def test_an_edited_flow_counts_as_it_stands(self):
        flow = http_flow("/before")
        flow.backup()
        flow.request.path = "/after"
        found, reading = read(flow_bytes(flow))
        assert [each.request.path for each in found] == ["/after"]
        assert reading.problems == []

    def test_a_flow_of_a_newer_format_is_one_problem_and_the_rest_is_read(self):
        state = http_flow("/new").get_state()
        state["version"] = 9999
        data = flow_bytes(http_flow("/a")) + tnetstring.dumps(state) + flow_bytes(http_flow("/b"))
        found, reading = read(data)
        assert [each.request.path for each in found] == ["/a", "/b"]
        (problem,) = reading.problems
        assert problem.where == f"offset {len(flow_bytes(http_flow('/a')))}"
        assert "update mitmproxy" in problem.message

    @pytest.mark.parametrize("key", ["request", "client_conn", "version", "type", "id"])
    def test_a_flow_without_a_part_is_a_problem(self, key):
        state = http_flow().get_state()
        del state[key]
        found, reading = read(tnetstring.dumps(state))
        assert found == []
        (problem,) = reading.problems
        assert problem.where == "offset 0"
        assert "\n" not in problem.message

    @pytest.mark.parametrize(
        "change",
        [{"type": "teapot"}, {"version": None}, {"request": []}, {"client_conn": {"id": 3}}],
    )
    def test_a_flow_with_a_senseless_part_is_a_problem(self, change):
        state = {**http_flow().get_state(), **change}
        found, reading = read(tnetstring.dumps(state) + flow_bytes(http_flow("/b")))
        assert [each.request.path for each in found] == ["/b"]
        assert [problem.where for problem in reading.problems] == ["offset 0"]

    def test_a_dict_nested_too_deep_is_a_problem(self):
        data = b"0:~"
        for _ in range(5000):
            data = b"%d:%b]" % (len(data), data)
        data = b"1:a;" + data
        found, reading = read(b"%d:%b}" % (len(data), data))
        assert found == []
        assert [problem.where for problem in reading.problems] == ["offset 0"]


SMALL = flow_bytes(http_flow("/first")), flow_bytes(http_flow("/second"))


class TestDamage:
    @pytest.mark.slow
    def test_truncated_at_each_byte(self):
        whole = b"".join(SMALL)
        ends = {0: 0, len(SMALL[0]): 1, len(whole): 2}
        for size in range(len(whole) + 1):
            found, reading = read(whole[:size])
            assert len(found) == sum(0 < end <= size for end in ends), size
            if size in ends:
                assert reading.problems == [], size
            else:
                (problem,) = reading.problems
                assert problem.where == f"offset {max(end for end in ends if end < size)}", size
                assert "the file ends inside" in problem.message, size

    @pytest.mark.parametrize(
        "junk", [b"junk", b"\n", bytes(5000), b"12", b"99999999999:", b"7", b"0:~", b"3:abc}", b"}"]
    )
    def test_junk_between_flows_is_passed(self, junk):
        found, reading = read(SMALL[0] + junk + SMALL[1])
        assert [each.request.path for each in found] == ["/first", "/second"]
        (problem, *_) = reading.problems
        assert problem.where == f"offset {len(SMALL[0])}"
        assert f"recovered: reading went on at offset {len(SMALL[0] + junk)}" in (
            reading.problems[-1].message
        )

    def test_junk_at_the_start_is_passed(self):
        found, reading = read(b"junk" + SMALL[0])
        assert [each.request.path for each in found] == ["/first"]
        assert reading.problems[0].where == "offset 0"

    def test_nul_padding_at_the_end_is_a_problem(self):
        found, reading = read(SMALL[0] + bytes(100_000))
        assert len(found) == 1
        (problem,) = reading.problems
        assert problem.where == f"offset {len(SMALL[0])}"
        assert "no flow can be recognised after it" in problem.message

    @pytest.mark.parametrize("cut", [1, 7, 50, 600])
    def test_bytes_lost_inside_a_flow_cost_that_flow_alone(self, cut):
        first = SMALL[0][:700] + SMALL[0][700 + cut :]
        found, reading = read(first + SMALL[1])
        assert [each.request.path for each in found] == ["/second"]
        assert [problem.where for problem in reading.problems] == ["offset 0"]

    def test_a_length_that_swallows_the_next_flow_does_not_lose_it(self):
        digits, _, rest = SMALL[0].partition(b":")
        swallowing = b"%d:" % (int(digits) + len(SMALL[1])) + rest
        found, reading = read(swallowing + SMALL[1] + SMALL[1])
        assert [each.request.path for each in found] == ["/second", "/second"]
        assert len(reading.problems) == 1

    def test_the_backup_inside_a_damaged_flow_is_no_exchange(self):
        flow = http_flow("/before")
        flow.backup()
        flow.request.path = "/after"
        found, reading = read(b"9" + flow_bytes(flow)[1:] + SMALL[1])
        assert [each.request.path for each in found] == ["/second"]
        assert [problem.where for problem in reading.problems] == ["offset 0"]

    @given(st.binary(max_size=300))
    def test_any_bytes_give_problems_and_no_exception(self, data):
        found, reading = read(data)
        assert found == []
        assert bool(reading.problems) == bool(data)

    @given(st.integers(0, len(SMALL[0]) - 1), st.integers(0, 255))
    def test_any_changed_byte_leaves_the_next_flow(self, position, value):
        damaged = bytearray(SMALL[0])
        damaged[position] = value
        found, _ = read(bytes(damaged) + SMALL[1])
        assert found[-1].request.path == "/second"


def test_big_flows_do_not_pile_up():
    data = flow_bytes(http_flow(content=bytes(4_000_000))) * 12
    tracemalloc.start()
    gc.disable()  # when it runs by itself is chance
    try:
        reading = Reading(name="c.mitm")
        count = sum(1 for _ in read_flows(io.BytesIO(data), reading))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        gc.enable()
        tracemalloc.stop()
    assert count == 12
    assert peak < 24_000_000


def test_the_end_of_a_recording_is_a_time_and_no_exchange() -> None:
    end = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
    exchanges, reading = read(flow_bytes(http_flow(), end_flow(end), http_flow("/later")))
    assert [exchange.index for exchange in exchanges] == [1, 2]
    assert (reading.until, reading.problems) == (end, [])


@pytest.mark.parametrize(
    ("until", "words"),
    [(5, "no time"), ("yesterday", "no time"), ("2026-11-26T12:00:00", "without zone")],
)
def test_an_end_without_a_time_is_a_problem(until: object, words: str) -> None:
    flow = end_flow(datetime(2026, 11, 26, tzinfo=UTC))
    flow.metadata["mdmproxy"]["until"] = until
    exchanges, reading = read(flow_bytes(flow, http_flow()))
    assert len(exchanges) == 1
    assert reading.until is None
    assert words in reading.problems[0].message


class TestError:
    def test_a_failure_of_mitmproxy_stands_before_its_words(self):
        flow = http_flow()
        flow.metadata["mdmproxy"] = {
            "schema": 1,
            "passing": {"begun": True, "crash": "no trailers"},
        }
        assert exchange(flow).error == "mitmproxy has crashed: no trailers"
        flow.error = Error("Client disconnected.")
        found = exchange(flow)
        assert found.error == "mitmproxy has crashed: no trailers Client disconnected."
        assert found.is_begun

    @pytest.mark.parametrize("words", ["peer closed connection", "HTTP/2 protocol error: x"])
    def test_who_ended_an_http2_connection(self, words: str):
        flow = http_flow()
        flow.error = Error(words)
        assert exchange(flow).error == words
        flow.metadata["mdmproxy"] = {"schema": 1, "passing": {"left": True}}
        [found], _ = read(flow_bytes(flow))
        assert found.error == f"the device left: {words}"
        flow.error = Error("Client disconnected.")  # in HTTP/1 mitmproxy has words for it
        assert exchange(flow).error == "Client disconnected."

    def test_an_answer_that_came_in_part(self):
        flow = http_flow()
        assert not exchange(flow).is_broken_off
        flow.error = Error("x")
        assert not exchange(flow).is_broken_off  # it is whole all the same
        assert flow.response is not None
        flow.response.raw_content = None
        assert exchange(flow).is_broken_off
        flow.response = None
        assert not exchange(flow).is_broken_off


@pytest.mark.parametrize(
    ("mode", "to", "header", "url"),
    [
        # What the device named in TLS, before one server and to an address that it asked for.
        ("reverse:https://up.test:8443", "up.test:8443", "mdm.test", "https://mdm.test/x"),
        ("reverse:https://up.test:8443", "up.test:8443", "MDM.test:444", "https://mdm.test:444/x"),
        ("reverse:https://up.test:8443", "up.test:8443", "other.test:9", "https://mdm.test/x"),
        ("reverse:https://up.test:8443", "up.test:8443", "", "https://mdm.test/x"),
        ("reverse:http://up.test:80", "up.test:80", "mdm.test", "https://mdm.test/x"),
        ("regular", "192.0.2.9:443", "mdm.test", "https://mdm.test/x"),
        ("regular", "192.0.2.9:8443", "mdm.test:8443", "https://mdm.test:8443/x"),
        ("regular", "192.0.2.9:8443", "other.test", "https://mdm.test:8443/x"),
        # A forward proxy that was asked for a name goes there, whatever TLS says.
        ("regular", "named.test:443", "mdm.test", "https://named.test/x"),
    ],
)
def test_the_url_names_whom_the_device_means(mode: str, to: str, header: str, url: str) -> None:
    flow = http_flow("/x")
    host, _, port = to.partition(":")
    flow.request.host, flow.request.port = host, int(port)
    flow.request.scheme = "http" if mode.startswith("reverse:http:") else "https"
    flow.request.headers["host"] = header
    flow.client_conn.proxy_mode = ProxyMode.parse(mode)
    flow.client_conn.tls, flow.client_conn.sni = True, "mdm.test"
    assert read(flow_bytes(flow))[0][0].request.url == url


def test_without_tls_the_url_is_that_of_the_server_behind() -> None:
    flow = http_flow("/x")
    flow.request.host, flow.request.port, flow.request.scheme = "up.test", 80, "http"
    flow.request.headers["host"] = "mdm.test"
    flow.client_conn.proxy_mode = ProxyMode.parse("reverse:http://up.test:80")
    flow.client_conn.tls = False
    assert read(flow_bytes(flow))[0][0].request.url == "http://up.test/x"


@pytest.mark.parametrize(
    ("tls", "sni", "told"),
    [(True, "up.test", "up.test"), (True, "mdm.test", None), (False, "up.test", None)],
)
def test_the_name_by_which_the_proxy_asks_is_told_where_it_differs(
    tls: bool, sni: str, told: str | None
) -> None:
    flow = http_flow("/x")
    flow.client_conn.tls, flow.client_conn.sni = True, "mdm.test"
    flow.server_conn.tls, flow.server_conn.sni = tls, sni
    found = read(flow_bytes(flow))[0][0].tls
    assert found is not None
    assert found.server_sni == told
