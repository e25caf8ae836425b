"""The firewall: a rule in one Atomic, and what holds without a rule."""

from __future__ import annotations

import pytest

from mdmcore.errors import ConfigError
from tests.support.recipes import built, items, sent_values

RULES = "./Vendor/MSFT/Firewall/MdmStore/FirewallRules"
WEB = {"name": "My web", "direction": "in", "action": "allow"}


def test_a_rule_stands_in_one_atomic() -> None:
    made = built(
        "firewall-rule",
        "win10",
        protocol="tcp",
        local_ports="80,8000-8080",
        remote_addresses="10.0.0.0-10.0.0.255",
        app="C:\\a & b.exe",
        networks="domain,public",
        **WEB,
    )
    assert [command.name for command in made] == ["Atomic"]
    rule = f"{RULES}/My%20web"
    assert [(name, item.target, item.data) for name, item in items(made)] == [
        ("Add", rule, None),
        ("Add", f"{rule}/Protocol", "6"),
        ("Add", f"{rule}/App/FilePath", "C:\\a & b.exe"),
        ("Add", f"{rule}/LocalPortRanges", "80,8000-8080"),
        ("Add", f"{rule}/RemoteAddressRanges", "10.0.0.0-10.0.0.255"),
        ("Add", f"{rule}/Profiles", "5"),
        ("Replace", f"{rule}/Direction", "IN"),
        ("Replace", f"{rule}/Action/Type", "1"),
        ("Replace", f"{rule}/Enabled", "true"),
    ]


def test_a_rule_is_changed() -> None:
    made = built("firewall-rule", "win10", protocol="132", enabled="no", command="replace", **WEB)
    assert {name for name, _ in items(made)} == {"Replace"}
    assert sent_values(made)[f"{RULES}/My%20web/Protocol"] == "132"
    assert sent_values(made)[f"{RULES}/My%20web/Enabled"] == "false"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"protocol": "sctp"}, "protocol must be icmp, tcp, udp, icmpv6 or 0 to 255, not 'sctp'"),
        ({"protocol": "256"}, "protocol must be icmp, tcp, udp, icmpv6 or 0 to 255"),
        ({"local_ports": "80"}, "local-ports needs protocol=tcp or protocol=udp"),
        ({"protocol": "icmp", "remote_ports": "80"}, "remote-ports needs protocol=tcp"),
        ({"protocol": "tcp", "local_ports": "http"}, "local-ports must be ports and ranges"),
        ({"direction": "both"}, "direction must be one of in, out"),
        ({"networks": "home"}, "networks must be one of domain, private, public"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=f"^{message}"):
        built("firewall-rule", "win10", **{**WEB, **values})


def test_what_is_said_straight_is_sent_inverted() -> None:
    made = built(
        "firewall-profile",
        "win10",
        network="public",
        enabled="yes",
        inbound="block",
        outbound="allow",
        notifications="no",
        stealth="yes",
    )
    root = "./Vendor/MSFT/Firewall/MdmStore/PublicProfile"
    assert sent_values(made) == {
        f"{root}/EnableFirewall": "true",
        f"{root}/DefaultInboundAction": "1",
        f"{root}/DefaultOutboundAction": "0",
        f"{root}/DisableInboundNotifications": "true",
        f"{root}/DisableStealthMode": "false",
    }
    with pytest.raises(ConfigError, match="firewall-profile needs one of its settings"):
        built("firewall-profile", "win10", network="public")


def test_rules_are_read_and_removed() -> None:
    assert [item.target for _, item in items(built("firewall-rules", "win10"))] == [RULES]
    made = built("firewall-rules", "win10", name="My web")
    assert f"{RULES}/My%20web/Status" in [item.target for _, item in items(made)]
    assert list(sent_values(built("firewall-rule-remove", "win10", name="My web"))) == [
        f"{RULES}/My%20web"
    ]
