"""Which mistakes are on: from the start, ordered meanwhile, for a step, a device, some times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mdmcore.errors import ConfigError
from mdmcore.records import FaultOrder
from mdmcore.server.faults import ActiveFault, ActiveFaults, Step, parse_fault

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def order(fault: str, **more: object) -> FaultOrder:
    values = {"account": None, "step": "", "remaining": None, **more}
    return FaultOrder(id=7, fault=fault, ordered=NOW, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("missing-212", ActiveFault(id="missing-212")),
        ("missing-212@manage", ActiveFault(id="missing-212", step=Step.MANAGE)),
        ("missing-212*3", ActiveFault(id="missing-212", times=3)),
        (
            " empty-200-body@policy*1 ",
            ActiveFault(id="empty-200-body", step=Step.POLICY, times=1),
        ),
    ],
)
def test_a_fault_is_read(text: str, expected: ActiveFault) -> None:
    assert parse_fault(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no-such-fault", "no fault is called 'no-such-fault'"),
        ("missing-212@nowhere", "no step 'nowhere'; there is: probe, discover"),
        ("missing-212@hub", "missing-212 is made in manage, not in hub"),
        ("missing-212*0", "'0' is not how often"),
        ("missing-212*x", "'x' is not how often"),
        ("", "no fault is called ''"),
    ],
)
def test_what_is_no_fault_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words.replace("'", ".")):
        parse_fault(text)


def test_a_standing_fault_is_made_so_often() -> None:
    active = ActiveFaults([parse_fault("missing-212*2")])
    for _ in range(2):
        (one,) = active.now()
        active.made(one)
    assert active.now() == ()


def test_a_standing_fault_that_does_not_exist_is_told_at_the_start() -> None:
    with pytest.raises(ConfigError):
        ActiveFaults([ActiveFault(id="nothing")])


def test_orders_are_looked_at_each_time_and_spent() -> None:
    orders: list[FaultOrder] = []
    spent: list[int] = []
    active = ActiveFaults(orders=lambda: tuple(orders), spend=spent.append)
    assert active.now() == ()
    orders.append(order("missing-212", remaining=1, step="manage", account="A"))
    orders.append(order("from-a-newer-version"))
    (one,) = active.now()
    assert (one.id, one.step, one.account, one.order) == ("missing-212", Step.MANAGE, "A", 7)
    active.made(one)
    assert spent == [7]


def test_a_device_s_fault_is_for_its_management_only() -> None:
    one = ActiveFault(id="xml-not-wellformed", account="A")
    assert one.is_for(Step.MANAGE, "A")
    assert not one.is_for(Step.MANAGE, "B")
    assert not one.is_for(Step.DISCOVER, None)
    assert ActiveFault(id="xml-not-wellformed").is_for(Step.DISCOVER, None)
    assert not ActiveFault(id="xml-not-wellformed", step=Step.POLICY).is_for(Step.DISCOVER, None)
