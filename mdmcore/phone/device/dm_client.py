"""DMClient: the server tells the device to leave (DISC; DMClient CSP; enrollment.md 13)."""

from __future__ import annotations

from dataclasses import replace

from mdmcore.phone.tree.behaviour import Behaviour, Outcome, Target, Value, View


def _execute(target: Target, value: Value | None, view: View) -> Outcome:
    """Leave, when a phone is told the right ProviderID; the codes for others are [U]."""
    settings = view.phone.settings
    if settings.device.unenroll_needs_data:
        if value is None or not value.text:
            return Outcome(code=412)
        if value.text != view.phone.account.provider_id:
            return Outcome(code=400)
    leaves = not settings.ignores_unenroll
    return Outcome(device=replace(view.device, is_leaving=leaves), is_irreversible=leaves)


DM_CLIENT = Behaviour(csp="DMClient", execute=_execute)
