"""Rules on the chain that the server behind the proxy sends; real certificates throughout."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdmcore.connection import Connection, HandshakeEnd
from mdmcore.enrollment.provisioning import serialize_provisioning
from mdmcore.http import Headers, Request, Response, TlsFacts, connection_exchange
from mdmcore.pki.criteria import ssl_client_criteria
from mdmcore.rules import Finding
from tests.support.certificates import build_authority
from tests.support.openssl import openssl
from tests.support.provisioning import build_profile_document
from tests.support.server_certificates import HOST, intermediate_authority, server_certificate
from tests.support.story import CERT_CN, DM_URL, PROVIDER, Story, account, certificate

ROOT = build_authority()
INTERMEDIATE = intermediate_authority()
PUBLIC = ("2.23.140.1.2.1",)


def found(
    *chain: bytes,
    url: str = f"https://{HOST}/omadm",
    sni: str | None = None,
    host_header: str = "",
    profile: str = "wp8",
    story: Story | None = None,
) -> tuple[Finding, ...]:
    """The findings on a first message to that URL over that connection."""
    tls = TlsFacts(sni=sni, server_certificates=chain)
    fields = [("Content-Type", "application/vnd.syncml.dm+xml")]
    fields += [("Host", host_header)] if host_header else []
    request = Request(method="POST", url=url, headers=Headers(fields), body=None)
    response = Response(status=503, body=None)
    return (story or Story(profile)).tell(request, response, tls=tls).findings


def found_on_connection(*chain: bytes, host: str = HOST, passed: bool = True) -> list[str]:
    """The rules on a connection that passed untouched, or on one where the proxy stood in TLS."""
    story = Story("wp8")
    connection = Connection(
        host=host, sni=host, is_passed_through=passed, end=HandshakeEnd.OK, opened=story.now
    )
    exchange = connection_exchange(
        connection,
        id="story:9",
        index=9,
        capture="story",
        tls=TlsFacts(sni=host, server_certificates=chain),
    )
    return [one.rule for one in story.inspector.inspect(exchange).findings]


def only(findings: tuple[Finding, ...], rule: str) -> Finding:
    assert [finding.rule for finding in findings] == [rule]
    assert findings[0].places[0].where == {"part": "tls", "field": "server_certificates"}
    return findings[0]


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81", "win10"])
def test_a_right_chain_has_no_finding(profile: str) -> None:
    leaf = server_certificate(HOST, issuer=INTERMEDIATE, policies=PUBLIC)
    assert found(leaf, INTERMEDIATE.certificate, profile=profile) == ()
    assert found(leaf, INTERMEDIATE.certificate, ROOT.certificate, profile=profile) == ()


def test_without_a_recorded_chain_nothing_is_said() -> None:
    assert found() == ()
    assert found(b"no certificate", ROOT.certificate) == ()
    leaf = server_certificate(HOST, issuer=INTERMEDIATE, policies=PUBLIC)
    assert found(leaf, b"no certificate", INTERMEDIATE.certificate) == ()


# --- tls-name-mismatch


def test_a_certificate_for_another_host() -> None:
    leaf = server_certificate("www.example.test", "example.test", common_name="www.example.test")
    finding = only(found(leaf), "tls-name-mismatch")
    assert finding.severity == "error"
    assert finding.message == (
        f"the server's certificate is not for {HOST} (subject CN=www.example.test)"
    )
    assert finding.places[0].evidence == "www.example.test, example.test"


@pytest.mark.parametrize(
    "leaf",
    [
        server_certificate(HOST),
        server_certificate("MDM.Example.TEST"),
        server_certificate("*.example.test"),
        server_certificate("*.test"),
        server_certificate("example.test"),
        server_certificate("a.mdm.example.test", "x"),
        server_certificate(common_name=HOST),
        server_certificate(common_name="example.test"),
    ],
)
def test_it_agrees_with_openssl(leaf: bytes) -> None:
    said = openssl("x509", "-inform", "DER", "-noout", "-checkhost", HOST, data=leaf).stdout
    assert (b"does match" in said) != (b"does NOT match" in said), said
    is_mismatch = "tls-name-mismatch" in {finding.rule for finding in found(leaf)}
    assert is_mismatch == (b"does NOT match" in said)


@pytest.mark.parametrize(
    "leaf", [server_certificate(HOST.upper()), server_certificate(common_name=HOST)]
)
def test_the_host_may_be_cn_or_alternative_name(leaf: bytes) -> None:
    assert found(leaf) == ()


@pytest.mark.parametrize(
    ("sni", "header", "url"),
    [
        (HOST, "", "https://192.0.2.9:8443/omadm"),
        (None, f"{HOST}:443", "https://127.0.0.1:8443/omadm"),
        ("proxy.example.test", "", f"https://{HOST}/omadm"),
        (HOST, "", "https://backend.example.test/omadm"),
    ],
)
def test_the_name_that_the_device_asked_for_counts(sni: str | None, header: str, url: str) -> None:
    assert found(server_certificate(HOST), url=url, sni=sni, host_header=header) == ()
    other = server_certificate("other.example.test")
    only(found(other, url=url, sni=sni, host_header=header), "tls-name-mismatch")


def test_a_proxy_may_have_been_sent_to_another_name() -> None:
    leaf = server_certificate("backend.example.test")
    facts = TlsFacts(sni=HOST, server_certificates=(leaf,), server_sni="Backend.example.test")
    headers = Headers([("Content-Type", "application/vnd.syncml.dm+xml")])
    request = Request(method="POST", url=f"https://{HOST}/omadm", headers=headers, body=None)
    assert Story("wp8").tell(request, Response(status=503, body=None), tls=facts).findings == ()


def test_an_address_is_another_rules_matter() -> None:
    assert found(server_certificate("other.example.test"), url="https://192.0.2.9/omadm") == ()


# --- tls-wildcard-certificate


def test_a_wildcard() -> None:
    finding = only(found(server_certificate("*.example.test")), "tls-wildcard-certificate")
    assert finding.severity == "error"
    assert finding.places[0].evidence == "*.example.test"
    assert found(server_certificate("*.example.test"), profile="win10")[0].severity == "info"


def test_a_wildcard_beside_the_host_itself() -> None:
    assert found(server_certificate("*.example.test", HOST)) == ()


@pytest.mark.parametrize("name", ["*.test", "*.other.test", "*"])
def test_a_wildcard_that_does_not_cover_the_host(name: str) -> None:
    only(found(server_certificate(name)), "tls-name-mismatch")


# --- tls-chain-incomplete


@pytest.mark.parametrize("beside", [(), (ROOT.certificate,)])
def test_the_intermediate_is_not_sent(beside: tuple[bytes, ...]) -> None:
    leaf = server_certificate(HOST, issuer=INTERMEDIATE, policies=PUBLIC)
    finding = only(found(leaf, *beside), "tls-chain-incomplete")
    assert finding.severity == "warning"
    assert "CN=Test Intermediate CA" in finding.message
    names = "CN=Test Enrollment CA" if beside else "nothing else"
    assert finding.places[0].evidence == f"sent beside it: {names}"


def test_a_private_certificate_alone_may_be_of_a_root() -> None:
    assert found(server_certificate(HOST)) == ()
    assert found(server_certificate(HOST, issuer=INTERMEDIATE)) == ()


def test_the_issuer_is_a_root_that_the_device_was_given() -> None:
    story = Story("wp8")
    wap = build_profile_document(
        root_certificate=ROOT.certificate,
        client_certificate=certificate(),
        provider_id=PROVIDER,
        name="Example",
        addr=DM_URL,
        account=account(),
        criteria=ssl_client_criteria(CERT_CN),
        device_name="Phone",
        ent_dmid=CERT_CN,
    )
    leaf = server_certificate(HOST, policies=PUBLIC)
    only(found(leaf, story=Story("wp8")), "tls-chain-incomplete")
    story.enrolled(serialize_provisioning(wap))
    assert found(leaf, story=story) == ()


def test_a_certificate_that_is_its_own_root() -> None:
    assert found(ROOT.certificate, url="https://127.0.0.1/omadm") == ()


def test_a_connection_to_somewhere_else_is_not_judged() -> None:
    tls = TlsFacts(server_certificates=(server_certificate("*.example.test"),))
    request = Request(method="GET", url="https://news.example.test/")
    assert Story("wp8").tell(request, Response(status=200), tls=tls).findings == ()


# --- tls-certificate-expired


def test_a_certificate_that_has_ended() -> None:
    leaf = server_certificate(HOST, lifetime=timedelta(days=90))
    finding = only(found(leaf, profile="win10"), "tls-certificate-expired")
    assert finding.severity == "error"
    assert "the server's certificate ended on 2026-08-30" in finding.message
    assert finding.places[0].evidence == "2026-06-01 11:00 to 2026-08-30 12:00 UTC"


def test_a_certificate_that_begins_later() -> None:
    story = Story("wp8")
    story.now -= timedelta(days=365)
    finding = only(found(server_certificate(HOST), story=story), "tls-certificate-expired")
    assert "begins on 2026-06-01" in finding.message


@pytest.mark.parametrize(
    ("rule", "names", "sends_issuer", "lifetime"),
    [
        ("tls-name-mismatch", ("www.other.test",), True, timedelta(days=365)),
        ("tls-wildcard-certificate", ("*.example.test",), True, timedelta(days=365)),
        ("tls-chain-incomplete", (HOST,), False, timedelta(days=365)),
        ("tls-certificate-expired", (HOST,), True, timedelta(minutes=-1)),
    ],
)
def test_a_leg_that_passed_untouched_is_judged_too(
    rule: str, names: tuple[str, ...], sends_issuer: bool, lifetime: timedelta
) -> None:
    leaf = server_certificate(*names, issuer=INTERMEDIATE, policies=PUBLIC, lifetime=lifetime)
    chain = (leaf, INTERMEDIATE.certificate) if sends_issuer else (leaf,)
    assert found_on_connection(*chain) == [rule]
    if rule != "tls-certificate-expired":
        assert found_on_connection(*chain, passed=False) == []
    good = server_certificate(HOST, issuer=INTERMEDIATE, policies=PUBLIC)
    assert found_on_connection(good, INTERMEDIATE.certificate) == []
