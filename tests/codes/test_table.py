"""The table of codes by itself."""

from __future__ import annotations

import pytest

from mdmcore.codes import CodeEntry, code_table, key_of
from mdmcore.rules import entry

ENTRIES = list(code_table().values())


@pytest.mark.parametrize("item", ENTRIES, ids=[f"{item.kind}-{item.code}" for item in ENTRIES])
def test_each_entry_is_whole(item: CodeEntry) -> None:
    assert item.meaning
    assert item.source
    assert item.phase
    assert item.confidence
    assert item.device or item.phase == "management session"
    assert len(set(item.rules)) == len(item.rules)
    for rule_id in item.rules:
        assert entry(rule_id).id == rule_id
    for text in (item.meaning, item.reports, item.look, item.conflict, item.device):
        assert text.isprintable()
        assert not text.endswith(".")


def test_each_code_stands_once_by_its_number() -> None:
    assert len(ENTRIES) > 240
    assert code_table()["syncml", 507].name == "Atomic failed"
    assert code_table()["hresult", 0x80180024].code == "0x80180024"
    assert code_table()["sign-in", "AADSTS50001"].phase == "before discovery"


def test_every_code_of_the_representation_protocol_that_dm_has_is_there() -> None:
    numbers = {key for kind, key in code_table() if kind == "syncml" and isinstance(key, int)}
    gaps = set(range(101, 518)) - numbers
    assert set(range(200, 217)) <= numbers
    assert set(range(400, 429)) <= numbers
    assert {509, 515} <= gaps  # these two are not defined
    alerts = {key for kind, key in code_table() if kind == "alert"}
    assert alerts == {*range(1100, 1105), 1200, 1201, *range(1222, 1227)}


def test_what_the_device_tells_of_a_code_precedes_that_of_its_phase() -> None:
    found = code_table()["hresult", 0x80180027]
    assert found.device.startswith("the state of the TPM; event 76")


@pytest.mark.parametrize(
    ("code", "key"), [("0x80180001", 0x80180001), ("507", 507), ("AADSTS50001", "AADSTS50001")]
)
def test_keys(code: str, key: int | str) -> None:
    assert key_of(code) == key
