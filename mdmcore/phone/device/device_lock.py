"""DeviceLock: policies of the password, and which of them are in force (DeviceLock CSP).

A phone knows one provider, its own: the tree has no place for another.
"""

from __future__ import annotations

from collections.abc import Mapping

from mdmcore.phone.device.policies import (
    LOCK_AREA,
    lock_values,
    with_policy,
    without_policies,
)
from mdmcore.phone.device.state import PolicyValue
from mdmcore.phone.tree.behaviour import Behaviour, Content, Outcome, Path, Target, Value, View

_CSP = "DeviceLock"


def _facts(view: View) -> Mapping[Path, Content]:
    return {("DeviceValue", name): value for name, value in lock_values(view.device).items()}


def _write(target: Target, value: Value, view: View) -> Outcome:
    found = target.match("Provider", "*", "*")
    if found is None:
        return Outcome()
    policy = PolicyValue(source=_CSP, area=LOCK_AREA, name=found[1], value=value.text)
    return Outcome(device=with_policy(view.device, policy))


def _delete(target: Target, view: View) -> Outcome:
    if target.match("Provider", "*") is None:
        return Outcome()
    return Outcome(device=without_policies(view.device, _CSP))


DEVICE_LOCK = Behaviour(csp=_CSP, facts=_facts, write=_write, delete=_delete)
"""What DeviceLock does."""
