"""Captures of real TLS, decrypted by real tshark, compared byte for byte with what was sent."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mdmcore.connection import HandshakeEnd
from tests.capture.pcap.lab import (
    GET,
    HOST,
    KEPT_ALIVE,
    RSA_SUITES,
    TLS12,
    TLS13,
    Lab,
    Read,
    as_read,
    as_sent,
    over_tls,
    read,
    say_all,
)
from tests.support.packets import CLIENT, SERVER, Link, Talk
from tests.support.processes import run
from tests.support.requirements import require_program
from tests.support.tls_talk_in_memory import TlsEnds, device_context, server_context


@pytest.fixture(scope="module", autouse=True)
def tshark() -> str:
    return require_program("tshark")


@dataclass(kw_only=True)
class World:
    """A capture of many connections, one in each second, and what came of it by the key log."""

    lab: Lab
    path: Path
    talks: dict[str, Talk]
    read: Read

    def of(self, name: str) -> list[Any]:
        return self.read.of(self.talks[name])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, tshark: str) -> World:
    lab = Lab(tmp_path_factory.mktemp("world"))
    talks = _talks(lab)
    path = lab.write("world.pcap", *talks.values())
    return World(lab=lab, path=path, talks=talks, read=read(path, key_log=lab.key_log))


def _talks(lab: Lab) -> dict[str, Talk]:
    names = (
        *("tls13", "ecdhe", "rsa", "resumed", "plain", "connect", "given12", "given13", "none"),
        *("unknown-ca12", "unknown-ca13", "no-version", "no-request", "reset", "short", "refused"),
        *("silent", "other", "left", "odd-port"),
    )
    talks = {name: lab.talk(begins=number) for number, name in enumerate(names)}
    over_tls(lab, talks["tls13"])
    over_tls(lab, talks["ecdhe"], newest=TLS12)
    _resumed(lab, talks["rsa"], talks["resumed"])
    say_all(talks["plain"].say)
    talks["plain"].server = ("192.0.2.2", 80)
    _connect(lab, talks["connect"])
    asks = {"asks": lab.device_chain}
    over_tls(lab, talks["given12"], (GET,), newest=TLS12, certificate=lab.device_chain, **asks)
    over_tls(lab, talks["given13"], (GET,), certificate=lab.device_chain, **asks)
    over_tls(lab, talks["none"], (GET,), **asks)
    for name, newest in (("unknown-ca12", TLS12), ("unknown-ca13", TLS13)):
        ends = lab.tls(talks[name], newest=newest, trusts=lab.roots)
        assert "client" in ends.shake_hands()
        talks[name].ends = CLIENT
    _no_version(lab, talks["no-version"])
    lab.tls(talks["no-request"]).shake_hands()
    talks["no-request"].ends = CLIENT
    request, answer = (data for _, data in GET.turns)
    talks["reset"].say(CLIENT, request)
    talks["reset"].ends = "server-reset"
    talks["short"].say(CLIENT, request)
    talks["short"].say(SERVER, answer[:-3])
    talks["left"].say(CLIENT, request)
    talks["left"].ends = CLIENT
    talks["refused"].ends = "refused"
    talks["other"].say(SERVER, b"SSH-2.0-OpenSSH_9.2\r\n")
    talks["other"].server = ("192.0.2.2", 22)
    over_tls(lab, talks["odd-port"], (GET,))
    talks["odd-port"].server = ("192.0.2.2", 1433)
    return talks


def _resumed(lab: Lab, first: Talk, second: Talk) -> None:
    device = device_context(keys=lab.key_log, newest=TLS12, suites=RSA_SUITES)
    server = server_context(lab.chain, newest=TLS12, suites=RSA_SUITES)
    ends = lab.tls(first, device=device, server=server)
    ends.shake_hands()
    say_all(ends.send)
    session = ends.ends[CLIENT].session
    again = lab.tls(second, device=device, server=server, session=session)
    again.shake_hands()
    assert again.ends[CLIENT].session_reused
    say_all(again.send)


def _connect(lab: Lab, talk: Talk) -> None:
    talk.server = ("192.0.2.9", 3128)
    say = talk.say
    say(CLIENT, b"CONNECT mdm.example.test:8443 HTTP/1.1\r\nHost: x\r\n\r\n")
    say(SERVER, b"HTTP/1.1 407 Who are you\r\nContent-Length: 2\r\n\r\nno")
    say(CLIENT, b"CONNECT mdm.example.test:8443 HTTP/1.1\r\nProxy-Authorization: x\r\n\r\n")
    say(SERVER, b"HTTP/1.1 200 Connection established\r\n\r\n")
    over_tls(lab, talk)


def _no_version(lab: Lab, talk: Talk) -> None:
    device = device_context(newest=TLS12)
    server = server_context(lab.chain)
    server.minimum_version = TLS13
    ends = TlsEnds(device=device, server=server, say=talk.say)
    assert "server" in ends.shake_hands()
    ends.ends[SERVER].pending()


@pytest.mark.parametrize("name", ["tls13", "ecdhe", "rsa", "resumed", "plain"])
def test_each_byte_is_as_it_was_sent(world: World, name: str) -> None:
    assert as_read(world.of(name)) == as_sent()


def test_nothing_else_is_minded(world: World) -> None:
    assert world.read.messages == ""


def test_a_tunnel_through_a_proxy_is_left_out_and_what_passed_is_told(world: World) -> None:
    refused, *inside = world.of("connect")
    assert (refused.request.method, refused.response.status) == ("CONNECT", 407)
    assert as_read(inside) == as_sent()
    assert {one.request.host for one in inside} == {HOST}
    assert inside[0].request.url == f"https://{HOST}/a?b=c"
    assert inside[0].tls.version == "TLSv1.3"


def test_times_are_those_of_the_first_and_last_byte(world: World) -> None:
    first = world.of("plain")[0]
    begin = world.talks["plain"].begins // 1_000_000_000 + 1_784_000_000
    # Behind the three frames that open the connection; the acknowledgement is a frame, too.
    assert first.started == datetime.fromtimestamp(begin, UTC).replace(microsecond=126456)
    assert first.ended == datetime.fromtimestamp(begin, UTC).replace(microsecond=128456)
    assert first.peer == "192.0.2.1"
    assert first.request.url == f"http://{HOST}/a?b=c"


@pytest.mark.parametrize(
    ("name", "version", "suite"),
    [
        ("tls13", "TLSv1.3", "TLS_AES_256_GCM_SHA384"),
        ("rsa", "TLSv1.2", "TLS_RSA_WITH_AES_128_CBC_SHA256"),
        ("resumed", "TLSv1.2", "TLS_RSA_WITH_AES_128_CBC_SHA256"),
    ],
)
def test_tls_facts(world: World, name: str, version: str, suite: str) -> None:
    tls = world.of(name)[0].tls
    assert (tls.version, tls.cipher, tls.sni) == (version, suite, HOST)
    sent = () if name == "resumed" else (world.lab.chain_der,)
    assert tls.server_certificates == sent


@pytest.mark.parametrize("name", ["given12", "given13"])
def test_a_client_certificate_is_told(world: World, name: str) -> None:
    exchange, connection = world.of(name)
    assert len(exchange.tls.client_certificates) == 1
    facts = connection.connection
    assert (facts.is_asked_by_server, facts.is_given_to_server) == (True, True)
    assert (facts.requests, facts.is_captured, facts.end) == (1, True, HandshakeEnd.OK)


def test_a_client_certificate_that_was_asked_for_in_vain(world: World) -> None:
    facts = world.of("none")[1].connection
    assert (facts.is_asked_by_server, facts.is_given_to_server) == (True, False)
    assert facts.said == (
        "captured and decrypted: TLS 1.3; the server asked for a client certificate and the device "
        "gave none"
    )


@pytest.mark.parametrize("name", ["unknown-ca12", "unknown-ca13"])
def test_a_device_that_refuses_the_certificate(world: World, name: str) -> None:
    (one,) = world.of(name)
    assert (one.connection.end, one.connection.alert) == (HandshakeEnd.ALERT, "unknown_ca")
    assert one.tls.server_certificates == (world.lab.chain_der,)
    assert one.connection.is_over_without_request


def test_a_server_that_refuses_the_version(world: World) -> None:
    (one,) = world.of("no-version")
    facts = one.connection
    assert (facts.end, facts.alert) == (HandshakeEnd.SERVER_ALERT, "protocol_version")
    assert facts.versions[-1] == "TLS 1.2"
    assert facts.sni == HOST


def test_a_connection_without_a_request(world: World) -> None:
    (one,) = world.of("no-request")
    assert (one.connection.end, one.connection.requests) == (HandshakeEnd.OK, 0)
    assert one.connection.is_over_without_request
    assert one.error.startswith("captured without a request: TLS 1.3")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("reset", "the server reset the connection without an answer"),
        ("left", "the device left: it closed the connection before the answer"),
        ("short", "the server closed the connection: received 2 bytes, expected 5 bytes"),
    ],
)
def test_what_ended_an_exchange(world: World, name: str, words: str) -> None:
    (one,) = world.of(name)
    assert one.error == words
    assert one.is_broken_off == (name == "short")


def test_a_connection_that_nobody_takes(world: World) -> None:
    (one,) = world.of("refused")
    assert one.connection.end is HandshakeEnd.NO_SERVER
    assert "refused" in one.connection.detail


def test_a_connection_over_which_nothing_came(world: World) -> None:
    (one,) = world.of("silent")
    assert one.connection.end is HandshakeEnd.SILENT


def test_other_protocols_are_counted(world: World) -> None:
    assert world.of("other") == []
    assert world.read.passed_over == {"tcp": 1}


def test_the_port_does_not_matter(world: World) -> None:
    (one,) = world.of("odd-port")
    assert one.request.url == f"https://{HOST}/a?b=c"


def test_exchanges_come_in_the_order_of_time(world: World) -> None:
    # A connection on which requests passed is told behind the first of them.
    plain = [
        one for one in world.read.exchanges if not (one.connection and one.connection.requests)
    ]
    times = [one.started for one in plain if one.started is not None]
    assert times == sorted(times)
    indexes = [one.index for one in world.read.exchanges]
    assert indexes == list(range(1, len(indexes) + 1))


def test_what_the_key_of_the_server_opens(world: World) -> None:
    found = read(world.path, rsa_keys=(world.lab.rsa_key,))
    for name in ("rsa", "resumed"):
        assert as_read(found.of(world.talks[name])) == as_sent()
    assert [one.connection is None for one in found.of(world.talks["ecdhe"])] == [False]
    assert "this key cannot decrypt these connections (they use ECDHE): record a key log" in (
        found.messages
    )
    assert f"with {HOST}:" in found.messages
    assert "MITMPROXY_SSLKEYLOGFILE" in found.messages


def test_without_keys_handshakes_are_told(world: World) -> None:
    found = read(world.path)
    (one,) = found.of(world.talks["ecdhe"])
    assert one.tls.server_certificates == (world.lab.chain_der,)
    assert one.connection.said == "captured and not decrypted: TLS 1.2"
    assert not one.connection.is_over_without_request
    for name in ("unknown-ca12", "unknown-ca13"):
        (one,) = found.of(world.talks[name])
        assert one.connection.alert == "unknown_ca"
    assert as_read(found.of(world.talks["plain"])) == as_sent()
    assert "no key decrypts them (they use TLS 1.3)" in found.messages
    assert "--rsa-key" in found.messages


def test_secrets_inside_the_capture(world: World, tmp_path: Path) -> None:
    inside = tmp_path / "inside.pcapng"
    _editcap("--inject-secrets", f"tls,{world.lab.key_log}", world.path, inside)
    found = read(inside)
    assert as_read(found.of(world.talks["tls13"])) == as_sent()
    assert found.messages == ""


@pytest.mark.parametrize("kind", ["netmon1", "netmon2"])
def test_netmon(world: World, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "capture.cap"
    _editcap("-F", kind, world.path, path)
    found = read(path, key_log=world.lab.key_log)
    for name in ("tls13", "plain"):
        assert as_read(found.of(world.talks[name])) == as_sent()
    assert found.messages == ""


def _editcap(*arguments: object) -> None:
    done = run(["editcap", *map(str, arguments)])
    assert done.returncode == 0, done.stderr


LINKS = (
    Link(type="raw", nano=True),
    Link(type="vlan", big=True),
    Link(type="null"),
    Link(type="cooked"),
    Link(type="cooked2", nano=True, big=True),
)


@pytest.mark.parametrize("link", LINKS, ids=lambda one: one.type)
def test_link_types(tmp_path: Path, link: Link) -> None:
    lab = Lab(tmp_path)
    talk = lab.talk()
    talk.client, talk.server = ("2001:db8::1", 50_000), ("2001:db8::2", 80)
    say_all(talk.say)
    path = lab.write("one.pcap", talk, link=link)
    packed = tmp_path / "packed.pcap.gz"
    packed.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    found = read(packed)
    assert as_read(list(found.exchanges)) == as_sent(KEPT_ALIVE)
    assert found.exchanges[0].peer == "2001:db8::1"
