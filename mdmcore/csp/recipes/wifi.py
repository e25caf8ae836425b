"""Recipes for wireless networks (session.md 7: WiFi; the WLAN_profile schema v1)."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import COMMAND, SCOPE, Kind, Parameter, Recipe, in_profiles
from mdmcore.errors import ConfigError
from mdmcore.namespaces import WLAN_PROFILE

if TYPE_CHECKING:
    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand
    from mdmcore.xml import Node

_MAX_SSID = 32
"""Octets (IEEE 802.11)."""

# authentication, encryption and keyType of the profile
_SECURITY = {
    "open": ("open", "none", ""),
    "wep": ("open", "WEP", "networkKey"),
    "wpa-personal": ("WPAPSK", "TKIP", "passPhrase"),
    "wpa2-personal": ("WPA2PSK", "AES", "passPhrase"),
    "wpa3-personal": ("WPA3SAE", "AES", "passPhrase"),
}
_KEYS = {
    "networkKey": (r".{5}|.{13}|[0-9A-Fa-f]{10}|[0-9A-Fa-f]{26}", "5 or 13 characters"),
    "passPhrase": (r"[ -~]{8,63}|[0-9A-Fa-f]{64}", "8 to 63 characters of ASCII"),
}
_MADE = ("security", "key", "hidden", "auto-connect")
"""What a profile is made of; a whole profile has its own."""


def _wifi(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    if "profile" in values:
        ssid = _name_of(values.text("profile"), values)
        text = values.text("profile")
    else:
        ssid = values.get("ssid") or ""
        text = _profile(ssid, values)
    network = draft.at("WiFi", "Profile", ssid)
    commands = [network.write(values.command, "WlanXml", value=text)]
    nodes = {"proxy": "Proxy", "proxy-pac": "ProxyPacUrl"}
    return (*commands, *network.write_given(values.command, values, nodes))


def _wifi_remove(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (draft.delete("WiFi", "Profile", values.text("ssid")),)


def _wifi_networks(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (draft.get("WiFi", "Profile"),)


def _name_of(profile: str, values: Values) -> str:
    """The network of a whole profile. The device wants its node to be called so."""
    from mdmcore.csp.payload import payload_root
    from mdmcore.xml import child, local_name, namespace_of, text_of

    root = payload_root(profile)
    if root is None or (local_name(root), namespace_of(root)) != ("WLANProfile", WLAN_PROFILE):
        raise ConfigError(f"profile must be a WLANProfile in the namespace {WLAN_PROFILE}")
    name = text_of(child(root, "name"))
    if not name:
        raise ConfigError("profile must have a name")
    given = next((each for each in _MADE if each in values), None)
    if given is not None:
        raise ConfigError(f"{given} is part of the profile, give one or the other")
    if values.get("ssid") not in {None, name}:
        raise ConfigError(f"ssid must be {name!r}, as the profile says")
    return name


def _profile(ssid: str, values: Values) -> str:
    from mdmcore.csp.recipes.payloads import xml_text
    from mdmcore.xml import Node, qname

    if not ssid:
        raise ConfigError("wifi needs ssid or profile")
    if len(ssid.encode()) > _MAX_SSID:
        raise ConfigError(f"ssid must have {_MAX_SSID} octets in UTF-8 at most")

    def node(name: str, *parts: Node | str) -> Node:
        texts = [part for part in parts if isinstance(part, str)]
        nodes = [part for part in parts if isinstance(part, Node)]
        return Node(qname(WLAN_PROFILE, name), texts[0] if texts else None, children=nodes)

    authentication, encryption, _ = _SECURITY[values.get("security") or "open"]
    form = node(
        "authEncryption",
        node("authentication", authentication),
        node("encryption", encryption),
        node("useOneX", "false"),
    )
    network = node("SSID", node("hex", ssid.encode().hex().upper()), node("name", ssid))
    is_hidden = "true" if values.flag("hidden") else "false"
    is_manual = values.get("auto-connect") == "no"
    root = Node(
        qname(WLAN_PROFILE, "WLANProfile"),
        nsmap={None: WLAN_PROFILE},
        children=(
            node("name", ssid),
            node("SSIDConfig", network, node("nonBroadcast", is_hidden)),
            node("connectionType", "ESS"),
            node("connectionMode", "manual" if is_manual else "auto"),
            node("MSM", node("security", form, *_shared_key(values, node))),
        ),
    )
    return xml_text(root)


def _shared_key(values: Values, node: _NodeMaker) -> tuple[Node, ...]:
    security, key = values.get("security") or "open", values.get("key")
    key_type = _SECURITY[security][2]
    if not key_type:
        if key is not None:
            raise ConfigError("key must not be given with security=open")
        return ()
    pattern, allowed = _KEYS[key_type]
    if key is None or not re.fullmatch(pattern, key):
        raise ConfigError(f"key must be {allowed} with security={security}")
    parts = (node("keyType", key_type), node("protected", "false"), node("keyMaterial", key))
    return (node("sharedKey", *parts),)


if TYPE_CHECKING:
    from typing import Protocol

    class _NodeMaker(Protocol):
        """Makes an element of the profile's namespace."""

        def __call__(self, name: str, *parts: Node | str) -> Node: ...


_SOURCE = "session.md 7: WiFi; WLAN_profile schema v1"
_NONE = MappingProxyType({"wp8": "no source names a CSP for Wi-Fi of Windows Phone 8"})
_PROFILES = "wp81 win81? win10"

RECIPES = (
    Recipe(
        name="wifi",
        summary="Let the device know a wireless network.",
        profiles=in_profiles(_PROFILES),
        build=_wifi,
        source=_SOURCE,
        parameters=(
            Parameter(name="ssid", help="name of the network", kind=Kind.NAME, maximum=_MAX_SSID),
            Parameter(
                name="security",
                help="how it is protected; open without",
                kind=Kind.CHOICE,
                values=tuple(_SECURITY),
            ),
            Parameter(name="key", help="its password", is_secret=True),
            Parameter(name="hidden", help="it does not tell its name", kind=Kind.SWITCH),
            Parameter(name="auto-connect", help="join it when it is near", kind=Kind.SWITCH),
            Parameter(name="proxy", help="HTTP proxy", kind=Kind.HOST, profiles=("wp81", "win10")),
            Parameter(
                name="proxy-pac",
                help="where a PAC file is; from build 14393",
                kind=Kind.URL,
                profiles=("win10",),
            ),
            Parameter(
                name="profile",
                help="a whole WLANProfile instead, such as for EAP",
                kind=Kind.XML,
                file="text",
                is_secret=True,
            ),
            COMMAND,
            SCOPE,
        ),
        example=MappingProxyType(
            {
                "ssid": "Example Net",
                "security": "wpa2-personal",
                "key": "correct horse battery",
                "proxy": "proxy.example.test:8080",
            }
        ),
        alternatives=_NONE,
    ),
    Recipe(
        name="wifi-remove",
        summary="Let the device forget a wireless network.",
        profiles=in_profiles(_PROFILES),
        build=_wifi_remove,
        source=_SOURCE,
        parameters=(
            Parameter(
                name="ssid",
                help="name of the network",
                kind=Kind.NAME,
                maximum=_MAX_SSID,
                required=True,
            ),
            SCOPE,
        ),
        example=MappingProxyType({"ssid": "Example Net"}),
        alternatives=_NONE,
    ),
    Recipe(
        name="wifi-networks",
        summary="Read which wireless networks the device knows.",
        profiles=in_profiles(_PROFILES),
        build=_wifi_networks,
        source=_SOURCE,
        parameters=(SCOPE,),
        alternatives=_NONE,
    ),
)
