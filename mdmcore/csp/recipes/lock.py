"""Recipes that lock a device or make it ring (session.md 7: RemoteLock, RemoteRing)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import Recipe, in_profiles
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand


def _lock(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (draft.execute("RemoteLock", "Lock"),)


def _reset_pin(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    if draft.context.is_azure_joined:
        # field-problems.md 2.3, 73.
        raise ConfigError(
            "lock-and-reset-pin wipes a phone that is joined to Azure AD; use lock-and-recover-pin"
        )
    return _with_new_pin("LockAndResetPIN", draft)


def _recover_pin(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return _with_new_pin("LockAndRecoverPIN", draft)


def _with_new_pin(name: str, draft: Draft) -> tuple[AnyCommand, ...]:
    """The PIN can be read once, in the message that makes it."""
    from mdmcore.csp.recipes.draft import sequence

    lock = draft.at("RemoteLock")
    return (sequence(lock.execute(name), lock.get("NewPINValue")),)


def _ring(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (draft.execute("RemoteRing", "Ring"),)


_NO_LOCK = "there is no RemoteLock; device-lock sets a password and a time-out"

RECIPES = (
    Recipe(
        name="lock",
        summary="Lock the device at once; 405 says that no PIN is set.",
        profiles=in_profiles("wp81 win10"),
        build=_lock,
        source="session.md 7: RemoteLock",
        alternatives=MappingProxyType({"wp8": _NO_LOCK, "win81": "there is no RemoteLock"}),
    ),
    Recipe(
        name="lock-and-reset-pin",
        summary="Lock the device with a new PIN that it makes, and read the PIN.",
        profiles=in_profiles("wp81 win10"),
        build=_reset_pin,
        source="session.md 7: RemoteLock, Exec and Get in one Sequence",
        alternatives=MappingProxyType({"wp8": _NO_LOCK, "win81": "there is no RemoteLock"}),
    ),
    Recipe(
        name="lock-and-recover-pin",
        summary="As lock-and-reset-pin, but keys that the old PIN protects are kept.",
        profiles=in_profiles("win10"),
        build=_recover_pin,
        source="RemoteLock CSP: LockAndRecoverPIN, Windows 10 1703",
        alternatives=MappingProxyType({"wp81": "lock-and-reset-pin", "wp8": _NO_LOCK}),
    ),
    Recipe(
        name="ring",
        summary="Make the device ring, so that it can be found [U].",
        profiles=in_profiles("wp81? win10?"),
        build=_ring,
        source="session.md 7: RemoteRing [U]",
    ),
)
