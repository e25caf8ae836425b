"""Keys that lead to a life."""

from __future__ import annotations

from mdmcore.http import Exchange, Request, TlsFacts
from mdmcore.inspector.life_keys import keys_of, life_key, tls_keys
from mdmcore.pki.certificate import parse_certificate
from mdmcore.rules.life import Life
from tests.support.story import ENROLLMENT_URL, certificate


def exchange(tls: TlsFacts | None = None) -> Exchange:
    request = Request(method="POST", url=ENROLLMENT_URL)
    return Exchange(id="c:1", index=1, capture="c", request=request, peer="192.0.2.1", tls=tls)


def test_a_key_of_nothing_is_none() -> None:
    assert life_key("email", "peer", "") == life_key("email", "peer", None) == ""
    assert life_key("email", None, "a") == "email\n\na"
    assert life_key("peer", None) == "peer\n"


def test_the_keys_of_a_life_lead_to_its_urls_too() -> None:
    life = Life(
        enrollment_url=ENROLLMENT_URL,
        discovery_redirect="https://other.test/Discovery.svc",
        sign_in_urls=("https://a.test/x?y", "https://b.test/"),
    )
    assert set(filter(None, keys_of(life, exchange()))) == {
        "peer\n192.0.2.1",
        "host\n192.0.2.1\nother.test",
        "enrollment\nmdm.example.test:443/enrollmentserver/enrollment.svc",
        "sign-in\na.test:443/x",
        "sign-in\nb.test:443/",
    }


def test_the_key_of_a_client_certificate() -> None:
    tls = TlsFacts(client_certificates=(certificate(),))
    assert tls_keys(exchange(tls)) == [f"spki\n{parse_certificate(certificate()).spki_sha256}"]
    assert tls_keys(exchange(TlsFacts(client_certificates=(b"x",)))) == []
    assert tls_keys(exchange()) == []
