"""Policy of Windows 10 and 11: Config is what a server sets, Result what is in force.

A policy of an area with ``~`` in its name exists once an ADMX file that defines it was ingested
below ConfigOperations/ADMXInstall; a file that writes to forbidden keys is refused. That it is
refused with 500 is [U].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from mdmcore.csp.admx import (
    ingested_policies,
    is_forbidden_key,
    is_policy_text,
    policy_keys,
)
from mdmcore.phone.device.payload import document, payload_code
from mdmcore.phone.device.policies import effective_policies, with_policy, without_policies
from mdmcore.phone.device.state import DeviceState, IngestedPolicy, PolicyValue
from mdmcore.phone.tree.behaviour import Behaviour, Content, Outcome, Path, Target, Value, View

MAX_INGESTED = 20_000
"""More policies than all of Windows' own ADMX files define; then the device is full."""

_CSP = "Policy"
_CONFIG = ("Config", "*", "*")
_ADMX = ("ConfigOperations", "ADMXInstall")
_FILE = (*_ADMX, "*", "*", "*")
_REFUSED, _UNKNOWN, _WRONG_FORMAT = Outcome(code=500), Outcome(code=404), Outcome(code=415)


def _source(context: str) -> str:
    return _CSP if context == "device" else f"{_CSP} of the user"


def _results(view: View, context: str) -> Mapping[Path, Content]:
    return {
        ("Result", policy.area, policy.name): policy.value
        for policy in effective_policies(view.device, _source(context))
    }


def _write(target: Target, value: Value, view: View) -> Outcome:
    found = target.match(*_CONFIG)
    if found is not None:
        return _set(target, found, value, view)
    found = target.match(*_FILE)
    if found is not None:
        return _ingest(target, found, value, view)
    if len(target.path) == 2 and target.path[0] == "Config" and "~" in target.name:
        known = {policy.area for policy in view.device.ingested}
        return Outcome() if target.name in known else _UNKNOWN
    return Outcome()


def _set(target: Target, found: Path, value: Value, view: View) -> Outcome:
    area, name = found
    if "~" in area:
        if not any((each.area, each.name) == (area, name) for each in view.device.ingested):
            return _UNKNOWN
        if value.format != "chr":
            return _WRONG_FORMAT
        if not is_policy_text(value.text):
            return _REFUSED
    code = payload_code(target.node, value)
    if code >= 400:
        return Outcome(code=code)
    policy = PolicyValue(
        source=_source(target.context),
        area=area,
        name=name,
        value=value.text,
        format=value.format,
    )
    return Outcome(device=with_policy(view.device, policy))


def _ingest(target: Target, found: Path, value: Value, view: View) -> Outcome:
    app, kind, file = found
    root = document(value.text)
    if root is None or payload_code(target.node, value) >= 400:
        return _REFUSED
    if any(is_forbidden_key(key) for key in policy_keys(root)):
        return _REFUSED
    new = tuple(
        IngestedPolicy(app=app, file=f"{kind}/{file}", area=area, name=name)
        for area, name in ingested_policies(root, app=app, kind=kind)
    )
    ingested = (*view.device.ingested, *new)
    if len(ingested) > MAX_INGESTED:
        return Outcome(code=420)
    return Outcome(device=replace(view.device, ingested=ingested))


def _delete(target: Target, view: View) -> Outcome:
    device, path = view.device, target.path
    if path[:1] == ("Config",) and len(path) > 1:
        area, name = (*path[1:], "")[:2]
        return Outcome(device=without_policies(device, _source(target.context), area, name))
    if path[:2] == _ADMX:
        return _forget(path[2:], device)
    return Outcome()


def _forget(names: Path, device: DeviceState) -> Outcome:
    """The policies of deleted ADMX files go, and with them what was set by them."""
    kept: list[IngestedPolicy] = []
    gone: list[IngestedPolicy] = []
    for policy in device.ingested:
        place = (policy.app, *policy.file.split("/", 1))
        (gone if place[: len(names)] == names else kept).append(policy)
    left = {(policy.area, policy.name) for policy in kept}
    lost = sorted({(policy.area, policy.name) for policy in gone} - left)
    device = replace(device, ingested=tuple(kept))
    for area, name in lost:
        device = without_policies(device, _CSP, area, name)
    return Outcome(device=device, removed=tuple(("Config", area, name) for area, name in lost))


POLICY = Behaviour(
    csp=_CSP,
    facts=partial(_results, context="device"),
    user_facts=partial(_results, context="user"),
    write=_write,
    delete=_delete,
)
"""What Policy does."""
