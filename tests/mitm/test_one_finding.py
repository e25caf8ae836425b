"""The same mistake in many messages is one finding with its places, live and in a capture."""

from __future__ import annotations

from pathlib import Path

from mitmproxy.test import taddons

from mdmcore.mitm.engine import Engine
from mdmcore.mitm.inspect import Inspect
from mdmcore.report import analyze
from mdmcore.rules import MAX_PLACES, Finding
from tests.report.material import capture_of, dm_flow

_MESSAGES = 150
_DEVICES = (b"urn:uuid:1", b"urn:uuid:2")


def told(findings: tuple[Finding, ...]) -> dict[tuple[str, str | None], tuple[int, int]]:
    """Count and number of places by rule and life; each may come once."""
    found = {(one.rule, one.life): (one.count, len(one.places)) for one in findings}
    assert len(found) == len(findings)
    return found


async def test_many_messages_of_two_devices(
    tctx: taddons.context, engine: Engine, tmp_path: Path
) -> None:
    addon = Inspect()
    tctx.master.addons.add(addon)
    addon.configure(tctx.options.keys())
    flows = [dm_flow(device=device) for _ in range(_MESSAGES) for device in _DEVICES]
    for number, flow in enumerate(flows):
        flow.id = f"flow-{number}"
        await addon.response(flow)  # type: ignore[misc]
    live = told(engine.judging.findings())
    rules = {rule for rule, _ in live}
    for (rule, _), counted in live.items():
        # They are the same bytes each time: all but the first come again.
        again = 1 if rule == "message-resent" else 0
        assert counted == (_MESSAGES - again, MAX_PLACES)
    assert "uncredentialed-package-not-challenged" in rules
    assert live.keys() == {(rule, life) for rule in rules for life in ("life-1", "life-2")}
    assert told(analyze([capture_of(tmp_path / "capture", *flows)]).run().findings) == live
