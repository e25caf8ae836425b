"""RemoteRing, RemoteWipe, Reboot: orders that the device carries out once the session is over.

The Status of a wipe says only that the order was taken (RemoteWipe CSP); what becomes of the device
stands in ``mdmcore.phone.aftermath``.
"""

from __future__ import annotations

from dataclasses import replace

from mdmcore.phone.tree.behaviour import Behaviour, Outcome, Target, Value, View

_WIPES = frozenset(
    {
        "doWipe",
        "doWipePersistProvisionedData",
        "doWipeProtected",
        "doWipePersistUserData",
        "doAutomaticRedeployment",
    }
)
_NOT_EXECUTABLE = Outcome(code=405)


def _ring(target: Target, value: Value | None, view: View) -> Outcome:
    return Outcome(device=replace(view.device, rings=view.device.rings + 1))


def _wipe(target: Target, value: Value | None, view: View) -> Outcome:
    if target.name not in _WIPES:
        return _NOT_EXECUTABLE
    return Outcome(device=replace(view.device, wipe=target.name), is_irreversible=True)


def _restart(target: Target, value: Value | None, view: View) -> Outcome:
    if target.name != "RebootNow":
        return _NOT_EXECUTABLE
    return Outcome(device=replace(view.device, is_restarting=True))


REMOTE_RING = Behaviour(csp="RemoteRing", execute=_ring)
"""What RemoteRing does."""

REMOTE_WIPE = Behaviour(csp="RemoteWipe", execute=_wipe)
"""What RemoteWipe does."""

REBOOT = Behaviour(csp="Reboot", execute=_restart)
"""What Reboot does."""
