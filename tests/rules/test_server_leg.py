"""TLS between proxy and server, judged for the device: real certificates, in a life."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from mdmcore.connection import Connection, HandshakeEnd, ServerEnd
from mdmcore.http import TlsFacts, connection_exchange
from mdmcore.rules import Finding
from tests.support.story import Story, authority
from tests.support.tls_chains import PUBLIC_POLICY, intermediate, leaf, root

DISCOVERY_HOST, DM_HOST = "enterpriseenrollment.example.test", "mdm.example.test"


def found(
    story: Story, host: str = DISCOVERY_HOST, *, chain: tuple[bytes, ...] = (), **facts: Any
) -> tuple[Finding, ...]:
    """The findings on the next connection of the device, with what the server sent."""
    values = {
        "end": HandshakeEnd.OK,
        "peer": story.peer,
        "opened": story.now + timedelta(seconds=30),
        "requests": 1,
        "server_end": ServerEnd.UNKNOWN_ROOT,
        "server_detail": "self-signed certificate in certificate chain",
    }
    connection = Connection(host=host, **(values | facts))
    tls = TlsFacts(server_certificates=chain)
    exchange = connection_exchange(connection, id="story:99", index=99, capture="story", tls=tls)
    return story.inspector.inspect(exchange).findings


def ders(*chain: x509.Certificate) -> tuple[bytes, ...]:
    return tuple(one.public_bytes(Encoding.DER) for one in chain)


def rules(*args: Any, **facts: Any) -> list[str]:
    return [one.rule for one in found(*args, **facts)]


CHAIN = ders(leaf(DISCOVERY_HOST, issuer=root()), root().certificate)


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81", "win10"])
@pytest.mark.parametrize("is_unchecked", [True, False])
def test_a_root_that_nobody_knows(profile: str, is_unchecked: bool) -> None:
    (one,) = found(Story(profile), chain=CHAIN, is_server_unchecked=is_unchecked)
    assert (one.rule, one.severity) == ("tls-root-not-on-device", "error")
    assert one.places[0].where == {"part": "tls", "field": "handshake"}
    assert one.places[0].evidence == (
        f"CN={DISCOVERY_HOST} < CN=Known Root; issued by CN=Known Root"
    )
    assert ("--upstream-ca" in one.message, "502" in one.message) == (True, not is_unchecked)


def test_a_recording_without_the_chain_says_so() -> None:
    (one,) = found(Story())
    assert one.places[0].evidence == "no certificate was kept"


def test_what_is_no_unknown_root() -> None:
    assert rules(Story(), chain=CHAIN, server_end=ServerEnd.OK) == []
    assert rules(Story(), chain=CHAIN, server_end=ServerEnd.WRONG_NAME) == []
    assert rules(Story(), "www.other.test", chain=CHAIN) == []


def test_a_missing_intermediate_is_another_rules_matter() -> None:
    public = leaf(DISCOVERY_HOST, issuer=intermediate(), policies=[PUBLIC_POLICY])
    assert rules(Story(), chain=ders(public)) == []
    (one,) = found(Story(), chain=ders(leaf(DISCOVERY_HOST, issuer=intermediate())))
    assert "the intermediate certificate may be what is missing" in one.message


def test_a_root_that_the_document_brought() -> None:
    story = Story("wp8").enrolled()
    given = (authority().certificate,)
    assert rules(story, DM_HOST, chain=given) == []
    assert rules(story, DM_HOST, chain=CHAIN) == ["tls-root-not-on-device"]
    before = story.now - timedelta(seconds=1)
    assert rules(story, DM_HOST, chain=given, opened=before) == ["tls-root-not-on-device"]


def test_versions_that_do_not_meet() -> None:
    newer: dict[str, Any] = {"server_end": ServerEnd.NEWER_VERSION, "versions": ("TLS 1.2",)}
    (one,) = found(Story("wp8"), **newer)
    assert (one.rule, one.severity) == ("tls-too-modern", "error")
    assert "takes newer versions of TLS only" in one.message
    assert rules(Story("win10"), **newer) == []
    older: dict[str, Any] = {"server_end": ServerEnd.OLDER_VERSION}
    both = ("TLS 1.2", "TLS 1.3")
    (one,) = found(Story("win10"), **older, versions=both)
    assert one.rule == "tls-too-old"
    assert "takes older versions of TLS only" in one.message
    # One version alone may be the highest of many.
    assert rules(Story("win10"), **older, versions=("TLS 1.2",)) == []
    assert rules(Story("win10"), **older, versions=("TLS 1.0", "TLS 1.3")) == []
    assert rules(Story("wp8"), **older, versions=both) == []
