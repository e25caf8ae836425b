"""Recipes for VPN (session.md 7: VPN [U] on Windows Phone 8.1; VPNv2 on Windows 10)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import COMMAND, SCOPE, Kind, Parameter, Recipe, in_profiles
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand, Command

_TYPES = {
    "automatic": "Automatic",
    "ikev2": "IKEv2",
    "l2tp": "L2TP",
    "pptp": "PPTP",
    "sstp": "SSTP",
}
_USER_METHODS = {"mschapv2": "MSChapv2", "eap": "EAP"}
_MADE = ("server", "type", "dns-suffix", "split-tunnel", "always-on", "login", "login-by")


def _vpn(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.draft import atomic

    if "profile" in values:
        given = next((each for each in _MADE if each in values), None)
        if given is not None:
            raise ConfigError(f"{given} is part of the profile, give one or the other")
        text = values.text("profile")
        return (draft.write(values.command, *_branch(values, draft), "ProfileXML", value=text),)
    if "server" not in values:
        raise ConfigError("vpn needs server or, on win10, profile")
    connection = draft.at(*_branch(values, draft))
    made = _phone if draft.has("VPN") else _native
    commands = made(values, connection)
    return (atomic(*commands),)


def _phone(values: Values, connection: Draft) -> list[Command]:
    if values.get("type") not in {None, "ikev2"}:
        raise ConfigError("type must be ikev2 on wp81")
    command = values.command
    commands = [connection.write(command, "Server", value=values.text("server"))]
    commands.append(connection.write(command, "TunnelType", value="IKEv2"))
    commands += connection.write_given(command, values, {"dns-suffix": "DnsSuffix"})
    switches = {"split-tunnel": "SplitTunnel", "remember-credentials": "RememberCredentials"}
    for parameter, name in switches.items():
        if parameter in values:
            value = values.flag(parameter)
            commands.append(connection.write(command, "Policies", name, value=value))
    return commands


def _native(values: Values, connection: Draft) -> list[Command]:
    command, native = values.command, connection.at("NativeProfile")
    kind = _TYPES[values.get("type") or "automatic"]
    method = _USER_METHODS[values.get("login") or "mschapv2"]
    route = "SplitTunnel" if values.flag("split-tunnel") else "ForceTunnel"
    commands = [
        native.write(command, "Servers", value=values.text("server")),
        native.write(command, "NativeProtocolType", value=kind),
    ]
    if values.get("login-by") == "machine":
        if kind != "IKEv2":
            raise ConfigError("login-by=machine needs type=ikev2")
        commands.append(
            native.write(command, "Authentication", "MachineMethod", value="Certificate")
        )
    else:
        commands.append(native.write(command, "Authentication", "UserMethod", value=method))
    commands.append(native.write(command, "RoutingPolicyType", value=route))
    commands += connection.write_given(command, values, {"dns-suffix": "DnsSuffix"})
    switches = {"remember-credentials": "RememberCredentials", "always-on": "AlwaysOn"}
    for parameter, name in switches.items():
        if parameter in values:
            commands.append(connection.write(command, name, value=values.flag(parameter)))
    return commands


def _vpn_remove(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (draft.delete(*_branch(values, draft)),)


def _branch(values: Values, draft: Draft) -> tuple[str, str]:
    return "VPN" if draft.has("VPN") else "VPNv2", values.text("name")


_NAME = Parameter(name="name", help="what the connection is called", kind=Kind.NAME, required=True)
_SOURCE = "session.md 7: VPN [U]; VPNv2 CSP"
_NONE = MappingProxyType(dict.fromkeys(("wp8", "win81"), "no source names a CSP for VPN"))

RECIPES = (
    Recipe(
        name="vpn",
        summary="Let the device know a VPN connection.",
        profiles=in_profiles("wp81? win10"),
        build=_vpn,
        source=_SOURCE,
        parameters=(
            _NAME,
            Parameter(name="server", help="its address", kind=Kind.HOST),
            Parameter(
                name="type",
                help="protocol of the tunnel; phones have ikev2",
                kind=Kind.CHOICE,
                values=tuple(_TYPES),
            ),
            Parameter(
                name="login",
                help="how the user proves who it is",
                kind=Kind.CHOICE,
                values=tuple(_USER_METHODS),
                profiles=("win10",),
            ),
            Parameter(
                name="login-by",
                help="whether the user or the machine's certificate logs in",
                kind=Kind.CHOICE,
                values=("user", "machine"),
                profiles=("win10",),
            ),
            Parameter(name="dns-suffix", help="domain of the company", maximum=253),
            Parameter(
                name="split-tunnel",
                help="only traffic for the company goes through it",
                kind=Kind.SWITCH,
            ),
            Parameter(name="remember-credentials", help="keep the password", kind=Kind.SWITCH),
            Parameter(
                name="always-on", help="connect by itself", kind=Kind.SWITCH, profiles=("win10",)
            ),
            Parameter(
                name="profile",
                help="a whole ProfileXML instead",
                kind=Kind.XML,
                file="text",
                is_secret=True,
                profiles=("win10",),
            ),
            COMMAND,
            SCOPE,
        ),
        example=MappingProxyType(
            {"name": "Example VPN", "server": "vpn.example.test", "type": "ikev2"}
        ),
        alternatives=_NONE,
    ),
    Recipe(
        name="vpn-remove",
        summary="Let the device forget a VPN connection.",
        profiles=in_profiles("wp81? win10"),
        build=_vpn_remove,
        source=_SOURCE,
        parameters=(_NAME, SCOPE),
        example=MappingProxyType({"name": "Example VPN"}),
        alternatives=_NONE,
    ),
)
