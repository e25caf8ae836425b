"""Recipes for the firewall (Firewall CSP; a rule goes in one Atomic)."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import COMMAND, Kind, Parameter, Recipe, in_profiles
from mdmcore.csp.recipes.values import wrong
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand

_PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58}
_WITH_PORTS = frozenset({6, 17})
_NETWORKS = {"domain": 1, "private": 2, "public": 4}
_RULE_ACTIONS = {"block": 0, "allow": 1}
_PROFILE_ACTIONS = {"allow": 0, "block": 1}
_RULE_NODES = {
    "app": "App/FilePath",
    "package": "App/PackageFamilyName",
    "service": "App/ServiceName",
    "local-ports": "LocalPortRanges",
    "remote-ports": "RemotePortRanges",
    "local-addresses": "LocalAddressRanges",
    "remote-addresses": "RemoteAddressRanges",
    "description": "Description",
}
_RULES = ("Firewall", "MdmStore", "FirewallRules")


def _rule(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.draft import atomic

    rule, command = draft.at(*_RULES, values.text("name")), values.command
    protocol = _protocol(values)
    commands = [rule.write("Add")] if command == "Add" else []
    if protocol is not None:
        commands.append(rule.write(command, "Protocol", value=protocol))
    commands += rule.write_given(command, values, _RULE_NODES)
    if networks := values.items("networks"):
        bits = sum(_NETWORKS[each] for each in dict.fromkeys(networks))
        commands.append(rule.write(command, "Profiles", value=bits))
    # These come into being with the rule, and can only be replaced.
    direction, action = values.text("direction").upper(), _RULE_ACTIONS[values.text("action")]
    commands.append(rule.write("Replace", "Direction", value=direction))
    commands.append(rule.write("Replace", "Action", "Type", value=action))
    commands.append(rule.write("Replace", "Enabled", value=values.flag("enabled")))
    return (atomic(*commands),)


def _protocol(values: Values) -> int | None:
    text = values.get("protocol")
    number = None if text is None else _PROTOCOLS.get(text)
    if text is not None and number is None:
        if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > 255:
            raise wrong("protocol", f"{', '.join(_PROTOCOLS)} or 0 to 255", text)
        number = int(text)
    for name in ("local-ports", "remote-ports"):
        if name in values and number not in _WITH_PORTS:
            raise ConfigError(f"{name} needs protocol=tcp or protocol=udp")
    return number


def _remove(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (draft.delete(*_RULES, values.text("name")),)


def _list(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    if "name" not in values:
        return (draft.get(*_RULES),)
    rule = draft.at(*_RULES, values.text("name"))
    return tuple(rule.get(name) for name in ("FriendlyName", "Status", "Enabled", "Direction"))


def _profile(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    command = values.command
    profile = draft.at("Firewall", "MdmStore", f"{values.text('network').capitalize()}Profile")
    commands = []
    if "enabled" in values:
        is_on = values.flag("enabled")
        commands.append(profile.write(command, "EnableFirewall", value=is_on))
    for parameter, name in (
        ("inbound", "DefaultInboundAction"),
        ("outbound", "DefaultOutboundAction"),
    ):
        if parameter in values:
            action = _PROFILE_ACTIONS[values.text(parameter)]
            commands.append(profile.write(command, name, value=action))
    # The nodes say what is disabled.
    for parameter, name in (
        ("notifications", "DisableInboundNotifications"),
        ("stealth", "DisableStealthMode"),
    ):
        if parameter in values:
            is_off = not values.flag(parameter)
            commands.append(profile.write(command, name, value=is_off))
    if not commands:
        raise ConfigError("firewall-profile needs one of its settings")
    return tuple(commands)


_SOURCE = "Firewall CSP, Windows 10 1709"
_NONE = MappingProxyType(
    dict.fromkeys(("wp8", "wp81", "win81"), "no source names a CSP for the firewall")
)
_NAME = Parameter(name="name", help="of the rule", kind=Kind.NAME, required=True)
_ACTION = ("allow", "block")

RECIPES = (
    Recipe(
        name="firewall-rule",
        summary="Let connections through the firewall, or stop them.",
        profiles=in_profiles("win10"),
        build=_rule,
        source=_SOURCE,
        parameters=(
            _NAME,
            Parameter(
                name="direction",
                help="of the connections",
                kind=Kind.CHOICE,
                values=("in", "out"),
                required=True,
            ),
            Parameter(
                name="action",
                help="what happens to them",
                kind=Kind.CHOICE,
                values=_ACTION,
                required=True,
            ),
            Parameter(name="protocol", help="tcp, udp, icmp, icmpv6 or a number; any without"),
            Parameter(name="local-ports", help="of this device", kind=Kind.PORTS),
            Parameter(name="remote-ports", help="of the other side", kind=Kind.PORTS),
            Parameter(name="local-addresses", help="of this device, ranges with commas"),
            Parameter(name="remote-addresses", help="of the other side, ranges with commas"),
            Parameter(name="app", help="path of a program"),
            Parameter(name="package", help="package family name of an app", maximum=256),
            Parameter(name="service", help="name of a service", maximum=256),
            Parameter(
                name="networks",
                help="on which; all without",
                kind=Kind.CHOICE,
                values=tuple(_NETWORKS),
                is_list=True,
            ),
            Parameter(name="description", help="for people", maximum=1024),
            Parameter(name="enabled", help="whether it counts", kind=Kind.SWITCH, default="yes"),
            COMMAND,
        ),
        example=MappingProxyType(
            {
                "name": "Example web",
                "direction": "in",
                "action": "allow",
                "protocol": "tcp",
                "local-ports": "80,8000-8080",
                "networks": "domain,private",
            }
        ),
        alternatives=_NONE,
    ),
    Recipe(
        name="firewall-rule-remove",
        summary="Remove a rule of the firewall.",
        profiles=in_profiles("win10"),
        build=_remove,
        source=_SOURCE,
        parameters=(_NAME,),
        example=MappingProxyType({"name": "Example web"}),
        alternatives=_NONE,
    ),
    Recipe(
        name="firewall-rules",
        summary="Read the names of the rules, or what one of them is.",
        profiles=in_profiles("win10"),
        build=_list,
        source=_SOURCE,
        parameters=(Parameter(name="name", help="of one rule", kind=Kind.NAME),),
        alternatives=_NONE,
    ),
    Recipe(
        name="firewall-profile",
        summary="Say what the firewall does on a kind of network.",
        profiles=in_profiles("win10"),
        build=_profile,
        source=_SOURCE,
        parameters=(
            Parameter(
                name="network",
                help="which kind",
                kind=Kind.CHOICE,
                values=tuple(_NETWORKS),
                required=True,
            ),
            Parameter(name="enabled", help="whether it is on", kind=Kind.SWITCH),
            Parameter(name="inbound", help="without a rule", kind=Kind.CHOICE, values=_ACTION),
            Parameter(name="outbound", help="without a rule", kind=Kind.CHOICE, values=_ACTION),
            Parameter(
                name="notifications", help="tell the user of a blocked app", kind=Kind.SWITCH
            ),
            Parameter(name="stealth", help="answer nothing to a scan", kind=Kind.SWITCH),
            COMMAND,
        ),
        example=MappingProxyType({"network": "public", "enabled": "yes", "inbound": "block"}),
        alternatives=_NONE,
    ),
)
