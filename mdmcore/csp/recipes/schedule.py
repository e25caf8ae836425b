"""Recipes for when the device calls: its polling schedule, and push (session.md 6)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import COMMAND, Kind, Parameter, Recipe, in_profiles
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand

_NODES = {
    "first-count": "NumberOfFirstRetries",
    "first-minutes": "IntervalForFirstSetOfRetries",
    "second-count": "NumberOfSecondRetries",
    "second-minutes": "IntervalForSecondSetOfRetries",
    "remaining-count": "NumberOfRemainingScheduledRetries",
    "remaining-minutes": "IntervalForRemainingScheduledRetries",
}


def _poll_schedule(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.draft import sequence

    _check(values, draft.context.profile)
    poll = draft.provider.at("Poll")
    # A device that was enrolled with values in the registry has no such node.
    commands = [poll.write("Add")] if values.command == "Add" else []
    commands += poll.write_given(values.command, values, _NODES)
    if "on-login" in values:
        is_on = values.flag("on-login")
        commands.append(poll.write(values.command, "PollOnLogin", value=is_on))
    return (sequence(*commands),)


def _check(values: Values, profile: str) -> None:
    """Refuses what session.md 6 calls a configuration failure, or what never comes into force."""
    from mdmcore.profiles import device_profile

    numbers = {name: int(values.text(name)) for name in _NODES}
    for name in ("second", "remaining"):
        if numbers[f"{name}-count"] and not numbers[f"{name}-minutes"]:
            raise ConfigError(f"{name}-minutes must be 1 or more with {name}-count above 0")
    is_endless = not numbers["second-count"] and numbers["second-minutes"] > 0
    if is_endless and numbers["remaining-minutes"]:
        raise ConfigError(
            "second-count must be 1 or more: 0 repeats for ever, and the remaining set never comes"
        )
    shortest = device_profile(profile).shortest_poll_minutes
    periodic = "second-minutes" if is_endless else "remaining-minutes"
    if 0 < numbers[periodic] < shortest and not values.flag("allow-short"):
        raise ConfigError(
            f"{periodic} must be {shortest} or more on {profile}, or allow-short=yes be given"
        )


def _push_channel(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.draft import sequence

    push = draft.provider.at("Push")
    write = push.write(values.command, "PFN", value=values.text("pfn"))
    return (sequence(write, push.get("ChannelURI"), push.get("Status")),)


def _push_status(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    push = draft.provider.at("Push")
    return (push.get("ChannelURI"), push.get("Status"))


def _poll_values(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    poll = draft.provider.at("Poll")
    return tuple(poll.get(name) for name in _NODES.values())


def _number(name: str, help: str, default: str, minimum: int = 0) -> Parameter:
    return Parameter(
        name=name,
        help=help,
        kind=Kind.INTEGER,
        default=default,
        minimum=minimum,
        maximum=2**31 - 1,
    )


def _no_poll() -> Mapping[str, str]:
    registry = "its schedule stands in the registry and counts only as enrolled: enrol it again"
    return MappingProxyType(dict.fromkeys(("wp8", "win81"), registry))


_NO_PUSH = MappingProxyType(
    dict.fromkeys(("wp8", "win81"), "it has no push, it calls by its schedule alone")
)

RECIPES = (
    Recipe(
        name="poll-schedule",
        summary="Say when the device calls: three sets of retries, one after the other.",
        profiles=in_profiles("wp81 win10"),
        build=_poll_schedule,
        source="session.md 6; DMClient CSP: Poll",
        parameters=(
            _number("first-count", "calls right after enrolment", "10", 1),
            _number("first-minutes", "minutes between them", "15", 1),
            _number("second-count", "calls after that; 0 for ever", "0"),
            _number("second-minutes", "minutes between them; 0 none", "0"),
            _number("remaining-count", "calls from then on; 0 for ever", "0"),
            _number("remaining-minutes", "minutes between them; 0 none", "1440"),
            Parameter(
                name="on-login",
                help="also when a user signs in",
                kind=Kind.SWITCH,
                profiles=("win10",),
            ),
            Parameter(
                name="allow-short",
                help="take an interval that is bad for battery or server",
                kind=Kind.SWITCH,
                default="no",
            ),
            COMMAND,
        ),
        example=MappingProxyType(
            {
                "first-count": "8",
                "first-minutes": "15",
                "second-count": "5",
                "second-minutes": "3",
                "remaining-minutes": "1440",
            }
        ),
        alternatives=_no_poll(),
    ),
    Recipe(
        name="poll-values",
        summary="Read the polling schedule.",
        profiles=in_profiles("wp81 win10"),
        build=_poll_values,
        source="session.md 6; DMClient CSP: Poll",
        alternatives=_no_poll(),
    ),
    Recipe(
        name="push-channel",
        summary="Give the device the name of the app that may push, and read its channel.",
        profiles=in_profiles("wp81 win10"),
        build=_push_channel,
        source="session.md 6: Push",
        parameters=(
            Parameter(
                name="pfn", help="package family name of the app", maximum=256, required=True
            ),
            COMMAND,
        ),
        example=MappingProxyType({"pfn": "ExampleMDM.Push_8wekyb3d8bbwe"}),
        alternatives=_NO_PUSH,
    ),
    Recipe(
        name="push-status",
        summary="Read the push channel: it is good for 30 days, and renewed after 15.",
        profiles=in_profiles("wp81 win10"),
        build=_push_status,
        source="session.md 6: Push",
        alternatives=_NO_PUSH,
    ),
)
