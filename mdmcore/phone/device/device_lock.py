"""DeviceLock: policies of the password, and which of them are in force (DeviceLock CSP).

A phone knows one provider; the code for a second one is [U].
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
_REFUSED = Outcome(code=500)


def _facts(view: View) -> Mapping[Path, Content]:
    return {("DeviceValue", name): value for name, value in lock_values(view.device).items()}


def _write(target: Target, value: Value, view: View) -> Outcome:
    found = target.match("Provider", "*")
    if found is not None:
        others = [name for name in view.children(("Provider",)) if name != found[0]]
        return _REFUSED if others else Outcome()
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
