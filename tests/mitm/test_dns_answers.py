"""DNS for the emulated hosts: our address, nothing upstream, everything else left alone."""

from __future__ import annotations

import ipaddress
import logging

import pytest
from mitmproxy import dns
from mitmproxy import flow as mitmproxy_flow
from mitmproxy.test import tflow

from mdmcore.errors import ConfigError
from mdmcore.mitm import dns_answers
from mdmcore.mitm.addresses import Address
from mdmcore.mitm.dns_answers import advertised_addresses, answer_dns
from tests.support.dns import (
    AAAA,
    ANY,
    HTTPS,
    NOERROR,
    NOTIMP,
    SERVFAIL,
    TXT,
    A,
    DnsAnswer,
    parse,
    query,
)

V4, V6 = ipaddress.ip_address("192.0.2.7"), ipaddress.ip_address("2001:db8::7")


def ours(host: str) -> bool:
    return host in {"example.test", "mdm.example.test", "enterpriseenrollment.example.test"}


def flow_of(message: bytes) -> dns.DNSFlow:
    flow = tflow.tdnsflow(req=dns.DNSMessage.unpack(message))
    flow.live = True
    return flow


def answered(message: bytes, *addresses: Address) -> DnsAnswer | None:
    """The answer as it goes over the wire, ``None`` when none was made."""
    flow = flow_of(message)
    answer_dns(flow, ours, lambda: addresses)
    return None if flow.response is None else parse(flow.response.packed)


@pytest.mark.parametrize(
    ("name", "kind", "addresses"),
    [
        ("mdm.example.test", A, ("192.0.2.7",)),
        ("EnterpriseEnrollment.Example.TEST", A, ("192.0.2.7",)),
        ("example.test", AAAA, ("2001:db8::7",)),
        ("example.test", ANY, ("192.0.2.7", "2001:db8::7")),
        ("mitm.it", A, ("192.0.2.7",)),
        # What we do not have does not exist, and is not asked for elsewhere either.
        ("mdm.example.test", TXT, ()),
        ("mdm.example.test", HTTPS, ()),
    ],
)
def test_our_names(name: str, kind: int, addresses: tuple[str, ...]) -> None:
    assert answered(query(name, kind), V4, V6) == DnsAnswer(code=NOERROR, addresses=addresses)


def test_without_an_address_of_that_version_there_is_no_record() -> None:
    assert answered(query("example.test", AAAA), V4) == DnsAnswer(code=NOERROR, addresses=())


@pytest.mark.parametrize("name", ["other.test", "www.example.test", "test", "xmitm.it"])
def test_other_names_are_left_alone(name: str) -> None:
    assert answered(query(name), V4) is None


def test_several_questions_at_once_are_refused_when_one_is_about_us() -> None:
    found = answered(query("example.test", questions=2), V4)
    assert found is not None
    assert found.code == NOTIMP


def test_a_flow_that_is_done_or_from_a_file_is_left_alone() -> None:
    for change in ("live", "response", "error"):
        flow = flow_of(query("example.test"))
        answer = flow.request.succeed([])
        if change == "live":
            flow.live = False
        elif change == "response":
            flow.response = answer
        else:
            flow.error = mitmproxy_flow.Error("gone")
        answer_dns(flow, ours, lambda: (V4,))
        assert flow.response is (answer if change == "response" else None)


def test_without_any_address_it_fails_and_is_not_asked_upstream(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def none() -> tuple[Address, ...]:
        raise ConfigError("no address")

    flow = flow_of(query("example.test"))
    with caplog.at_level(logging.INFO, logger="mdmcore"):
        answer_dns(flow, ours, none)
    assert flow.response is not None
    assert flow.response.response_code == SERVFAIL
    assert "no address" in caplog.messages[0]


def test_there_is_a_line_for_each(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="mdmcore"):
        answered(query("mdm.example.test"), V4)
        answered(query("mdm.example.test", AAAA), V4)
        answered(query("other.test"), V4)
    assert caplog.messages == [
        "mdm: DNS A mdm.example.test -> 192.0.2.7",
        "mdm: DNS AAAA mdm.example.test -> no such record",
    ]


def test_what_is_advertised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_answers, "outgoing_addresses", lambda: (V4, V6))
    assert advertised_addresses("192.0.2.9", "0.0.0.0") == (ipaddress.ip_address("192.0.2.9"),)
    assert advertised_addresses("", "127.0.0.1") == (ipaddress.ip_address("127.0.0.1"),)
    assert advertised_addresses("", "") == (V4, V6)
    # Where nobody listens no device shall be sent.
    assert advertised_addresses("", "0.0.0.0") == (V4,)
    assert advertised_addresses("", "::") == (V6,)


@pytest.mark.parametrize("text", ["example.test", "0.0.0.0", "::", "192.0.2", "192.0.2.1:53"])
def test_what_cannot_be_advertised(text: str) -> None:
    with pytest.raises(ConfigError, match="no address to advertise"):
        advertised_addresses(text, "127.0.0.1")


def test_nothing_to_advertise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_answers, "outgoing_addresses", tuple)
    for host in ("0.0.0.0", "some-name"):
        with pytest.raises(ConfigError, match="name one to advertise"):
            advertised_addresses("", host)
