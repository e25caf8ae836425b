"""Recipes for the device's account with this server (session.md 7: DMClient).

When the device calls stands in ``schedule``.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import COMMAND, SCOPE, Kind, Parameter, Recipe, in_profiles
from mdmcore.csp.recipes.values import wrong
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand

_ALL = "wp8 wp81 win81 win10"
_SOURCE = "session.md 7: DMClient"
_HELP = {"phone": "HelpPhoneNumber", "website": "HelpWebsite", "address": "HelpEmailAddress"}


def _ent_dmid(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (draft.provider.write(values.command, "EntDMID", value=values.text("id")),)


def _device_name(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (draft.provider.write("Add", "EntDeviceName", value=values.text("name")),)


def _rename_computer(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    name = values.text("name")
    # Windows replaces %SERIAL% and %RAND:4%.
    plain = re.sub(r"%(SERIAL|RAND:[0-9]{1,2})%", "A", name)
    if not re.fullmatch(r"(?![0-9]+$)[A-Za-z0-9-]{1,15}", plain):
        raise wrong("name", "1 to 15 letters, digits and hyphens, not digits alone", name)
    microsoft = draft.root("DevDetail", "Ext", "Microsoft")
    return (microsoft.write("Replace", "DeviceName", value=name),)


def _help_desk(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    commands = draft.provider.write_given("Replace", values, _HELP)
    if not commands:
        raise ConfigError(f"help-desk needs one of {', '.join(_HELP)}")
    return commands


def _management_address(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    url = values.text("url")
    return (draft.provider.write("Replace", "ManagementServiceAddress", value=url),)


def _message_signing(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    is_on = values.flag("required")
    return (draft.provider.write("Replace", "RequireMessageSigning", value=is_on),)


def _finish_setup(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    page = draft.provider.at("FirstSyncStatus")
    return (page.write("Replace", "ServerHasFinishedProvisioning", value=True),)


RECIPES = (
    Recipe(
        name="ent-dmid",
        summary="Give the device the id that it must have before its certificate is renewed.",
        profiles=in_profiles(_ALL),
        build=_ent_dmid,
        source=_SOURCE,
        parameters=(
            Parameter(name="id", help="the enterprise's id of it", maximum=256, required=True),
            COMMAND,
        ),
        example=MappingProxyType({"id": "DEVICE-0001"}),
    ),
    Recipe(
        name="device-name",
        summary="Give the device a friendly name in its account.",
        profiles=in_profiles(_ALL),
        build=_device_name,
        source=f"{_SOURCE}, EntDeviceName",
        parameters=(Parameter(name="name", help="for people", maximum=256, required=True),),
        example=MappingProxyType({"name": "Phone of the front desk"}),
    ),
    Recipe(
        name="rename-computer",
        summary="Rename a computer; it takes effect when it restarts.",
        profiles=in_profiles("win10"),
        build=_rename_computer,
        source="DevDetail CSP: Ext/Microsoft/DeviceName",
        parameters=(
            Parameter(name="name", help="%SERIAL% and %RAND:4% are filled in", required=True),
        ),
        example=MappingProxyType({"name": "PC-%RAND:4%"}),
        alternatives=MappingProxyType(
            dict.fromkeys(("wp8", "wp81", "win81"), "device-name is a name for people")
        ),
    ),
    Recipe(
        name="help-desk",
        summary="Tell the device's user whom to ask for help.",
        profiles=in_profiles("wp81 win81 win10"),
        build=_help_desk,
        source=_SOURCE,
        parameters=(
            Parameter(name="phone", help="number", maximum=64),
            Parameter(name="website", help="page", kind=Kind.URL),
            Parameter(name="address", help="e-mail address", maximum=254),
        ),
        example=MappingProxyType(
            {"phone": "+49 30 000000", "website": "https://help.example.test"}
        ),
    ),
    Recipe(
        name="management-address",
        summary="Let the device talk to another address from its next session on.",
        profiles=in_profiles(_ALL),
        build=_management_address,
        source=f"{_SOURCE}; enrollment.md 9.6",
        parameters=(Parameter(name="url", help="of the server", kind=Kind.URL, required=True),),
        example=MappingProxyType({"url": "https://mdm.example.test/dm"}),
    ),
    Recipe(
        name="require-message-signing",
        summary="Let the device sign its messages (MS-Signature), or no longer.",
        profiles=in_profiles("win81 win10"),
        build=_message_signing,
        source=_SOURCE,
        parameters=(
            Parameter(name="required", help="whether it must", kind=Kind.SWITCH, default="yes"),
        ),
        alternatives=MappingProxyType(
            dict.fromkeys(("wp8", "wp81"), "phones sign no messages; the server may use HMAC")
        ),
    ),
    Recipe(
        name="finish-setup",
        summary="Let go the page that shows the progress of the set-up.",
        profiles=in_profiles("win10"),
        build=_finish_setup,
        source="DMClient CSP: FirstSyncStatus; field-problems.md 3.3",
        parameters=(SCOPE,),
    ),
)
