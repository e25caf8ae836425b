"""PolicyManager of Windows Phone 8.1: what a server sets below My is in force below Device.

An area should come in one Atomic; policies that come alone take effect one by one. A text of
several strings, separated by U+F000, is kept as it is (PolicyManager CSP).
"""

from __future__ import annotations

from collections.abc import Mapping

from mdmcore.phone.device.payload import payload_code
from mdmcore.phone.device.policies import effective_policies, with_policy, without_policies
from mdmcore.phone.device.state import PolicyValue
from mdmcore.phone.tree.behaviour import Behaviour, Content, Outcome, Path, Target, Value, View

_CSP = "PolicyManager"


def _facts(view: View) -> Mapping[Path, Content]:
    return {
        ("Device", policy.area, policy.name): policy.value
        for policy in effective_policies(view.device, _CSP)
    }


def _write(target: Target, value: Value, view: View) -> Outcome:
    found = target.match("My", "*", "*")
    if found is None:
        return Outcome()
    code = payload_code(target.node, value)
    if code >= 400:
        return Outcome(code=code)
    area, name = found
    policy = PolicyValue(source=_CSP, area=area, name=name, value=value.text, format=value.format)
    return Outcome(device=with_policy(view.device, policy))


def _delete(target: Target, view: View) -> Outcome:
    if target.path[:1] != ("My",):
        return Outcome()
    area, name = (*target.path[1:], "", "")[:2]
    return Outcome(device=without_policies(view.device, _CSP, area, name))


POLICY_MANAGER = Behaviour(csp=_CSP, facts=_facts, write=_write, delete=_delete)
"""What PolicyManager does."""
