"""Where ``inspect`` stands: what options mean together, and which exclude each other."""

from __future__ import annotations

from typing import Any

import pytest

from mdmcore.cli.place import Place, place_of
from mdmcore.errors import ConfigError


def place(**given: Any) -> Place:
    values: dict[str, Any] = {
        "upstream": None,
        "upstream_proxy": None,
        "modes": (),
        "domains": (),
        "dns": False,
        "ports": (53, 443, 80),
    }
    return place_of(**values | given)


@pytest.mark.parametrize(
    ("upstream", "domains", "names"),
    [
        ("https://mdm.acme.test", (), ("mdm.acme.test", "enterpriseenrollment.acme.test")),
        ("https://acme.test:8443", (), ("acme.test", "enterpriseenrollment.acme.test")),
        ("https://enterpriseenrollment.acme.test", (), ("enterpriseenrollment.acme.test",)),
        (
            "https://cloud.vendor.test/",
            ("acme.test", "acme.example"),
            (
                "cloud.vendor.test",
                "enterpriseenrollment.acme.test",
                "enterpriseenrollment.acme.example",
            ),
        ),
        ("https://192.0.2.7", ("acme.test",), ("enterpriseenrollment.acme.test",)),
    ],
)
def test_names_that_lead_here(upstream: str, domains: tuple[str, ...], names: Any) -> None:
    found = place(upstream=upstream, domains=domains, dns=True)
    assert found.dns_names == found.names == names
    assert found.direct is not None
    assert found.knows_server


def test_where_dns_leads_to() -> None:
    found = place(upstream="https://mdm.acme.test:8443", dns=True, ports=(5353, 4443, 8000))
    assert found.direct is not None
    assert found.direct.modes("127.0.0.1") == [
        "regular",
        "dns@5353",
        "reverse:https://mdm.acme.test:8443@4443",
        "reverse:http://mdm.acme.test@8000",
    ]
    plain = place(upstream="http://mdm.acme.test:81", dns=True, ports=(5353, 4443, 8000))
    assert plain.direct is not None
    assert plain.direct.modes("127.0.0.1")[2:] == [
        "reverse:http://mdm.acme.test:81@4443",
        "reverse:http://mdm.acme.test:81@8000",
    ]


def test_a_forward_proxy_knows_the_server_by_its_domain() -> None:
    assert not place().knows_server
    found = place(domains=("acme.test",))
    assert (found.names, found.dns_names) == (("acme.test", "*.acme.test"), ())
    assert found.knows_server
    assert place(modes=("reverse:https://mdm.acme.test",)).knows_server
    assert not place(modes=("transparent",)).knows_server


def test_a_proxy_behind_with_a_password_keeps_it_to_itself() -> None:
    found = place(upstream_proxy="http://me:secret@proxy:3128")
    assert (found.modes, found.login) == (("upstream:http://proxy:3128",), "me:secret")
    assert "secret" not in " ".join(found.hints(8080))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"upstream": "https://a.test", "modes": ("socks5",)}, "--upstream and --mode exclude"),
        (
            {"upstream": "https://a.test", "upstream_proxy": "http://p:1"},
            "--upstream and --upstream-proxy exclude",
        ),
        ({"upstream_proxy": "http://p:1", "modes": ("socks5",)}, "--upstream-proxy and --mode"),
        ({"dns": True}, "--dns goes with --upstream"),
        ({"dns": True, "upstream": "https://127.0.0.1"}, "--dns goes with --domain"),
        ({"dns": True, "upstream": "https://localhost"}, "--dns goes with --domain"),
        ({"upstream": "mdm.acme.test"}, "--upstream 'mdm.acme.test': give a URL"),
        ({"domains": ("*.acme.test",)}, "--domain"),
        ({"domains": ("https://acme.test",)}, "--domain"),
        ({"modes": ("nonsense",)}, "--mode 'nonsense': unknown mode"),
    ],
)
def test_what_cannot_be(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        place(**given)
