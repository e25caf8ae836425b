"""Orders for mistakes: kept, spent, taken back."""

from __future__ import annotations

from mdmcore.store import Database
from tests.store.samples import NOW


def names(database: Database) -> list[str]:
    return [order.fault for order in database.fault_orders()]


def test_an_order_is_kept_as_it_was_given(database: Database) -> None:
    made = database.order_fault("missing-212", NOW, account="A", step="manage", times=2)
    assert database.fault_orders() == (made,)
    assert (made.account, made.step, made.remaining, made.ordered) == ("A", "manage", 2, NOW)


def test_an_order_ends_when_it_is_used_up(database: Database) -> None:
    twice = database.order_fault("one", NOW, times=2)
    always = database.order_fault("two", NOW)
    for left in (["one", "two"], ["two"], ["two"]):
        database.spend_fault(twice.id)
        database.spend_fault(always.id)
        assert names(database) == left


def test_orders_are_taken_back(database: Database) -> None:
    for fault, account in (("one", None), ("one", "A"), ("two", "A"), ("two", None)):
        database.order_fault(fault, NOW, account=account)
    assert database.clear_faults("one", "A") == 1
    assert names(database) == ["one", "two", "two"]
    assert database.clear_faults("two") == 2
    assert database.clear_faults() == 1
    assert names(database) == []
