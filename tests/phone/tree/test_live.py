"""Hooks of CSPs: what they see, what becomes of what they return, and how it is undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mdmcore.phone.tree import Behaviour, DeviceTree, Outcome, Target, Value, View
from mdmcore.phone.tree import tree as module
from mdmcore.phone.tree.behaviour import Content, Path
from tests.phone.tree.trees import ACTIVE_SYNC, DM_CLIENT, HUB, MSFT, PRODUCT, WIFI, later, phone_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WIPE = f"{MSFT}/RemoteWipe/doWipe"
LOCKED = "RemoteLock"


def tree_with(*behaviours: Behaviour, profile: str = "wp81") -> DeviceTree:
    return DeviceTree(
        phone_of(profile), behaviours=behaviours, now=NOW, random=lambda count: bytes(count)
    )


def test_a_hook_sees_its_csp() -> None:
    seen: list[object] = []

    def execute(target: Target, value: Value | None, view: View) -> Outcome:
        seen.extend((target.path, target.name, target.context, value and value.text))
        seen.extend((view.now, view.phone.settings.profile, view.device.has_card_slot))
        seen.append(view.random and view.random(2))
        seen.append(view.value(("doWipe",)))
        seen.append(view.value(("Nothing",)))
        seen.append(view.value(()))
        seen.append(view.children(()))
        return Outcome(code=202)

    tree = tree_with(Behaviour(csp="RemoteWipe", execute=execute))
    assert tree.execute(WIPE, "please") == 202
    children = ("doWipe", "doWipePersistProvisionedData")
    assert seen == [
        *(("doWipe",), "doWipe", "device", "please"),
        *(NOW, "wp81", True, b"\0\0", Value(), None, None, children),
    ]


def test_names_are_spelt_as_in_the_catalogue() -> None:
    seen: list[Path] = []

    def write(target: Target, value: Value, view: View) -> Outcome:
        seen.append(target.path)
        return Outcome()

    tree = tree_with(Behaviour(csp="CertificateStore", write=write))
    uri = f"{MSFT}/CertificateStore/root/system/abcd/encodedcertificate"
    assert tree.add(uri, "AAAA", "b64") == 200
    assert seen == [("ROOT", "System", "abcd"), ("ROOT", "System", "abcd", "EncodedCertificate")]


def test_a_hook_may_refuse_and_then_nothing_is_kept() -> None:
    def write(target: Target, value: Value, view: View) -> Outcome:
        return Outcome(code=500 if target.name == "UserName" else 200)

    tree = tree_with(Behaviour(csp="ActiveSync", write=write))
    assert tree.add(f"{ACTIVE_SYNC}/UserName", "x", "chr") == 500
    assert tree.get(ACTIVE_SYNC).code == 404
    assert tree.add(f"{ACTIVE_SYNC}/Domain", "x", "chr") == 200
    assert tree.get(ACTIVE_SYNC).value == "Domain"


def test_what_is_refused_changes_no_state_either() -> None:
    def write(target: Target, value: Value, view: View) -> Outcome:
        code = 500 if target.name == "UserName" else 200
        return Outcome(code=code, device=replace(view.device, has_card_slot=False))

    tree = tree_with(Behaviour(csp="ActiveSync", write=write))
    assert tree.add(f"{ACTIVE_SYNC}/UserName", "x", "chr") == 500
    assert tree.device.has_card_slot
    assert tree.add(f"{ACTIVE_SYNC}/Domain", "x", "chr") == 200
    assert not tree.device.has_card_slot


def test_a_hook_may_keep_or_read_something_else() -> None:
    behaviour = Behaviour(
        csp="ActiveSync",
        write=lambda target, value, view: Outcome(content=value.text.upper()),
        read=lambda target, view: Outcome(content="****" if target.name == "Password" else None),
    )
    tree = tree_with(behaviour)
    assert tree.add(f"{ACTIVE_SYNC}/UserName", "user", "chr") == 200
    assert tree.add(f"{ACTIVE_SYNC}/Password", "word", "chr") == 200
    assert tree.value(f"{ACTIVE_SYNC}/UserName") == "USER"
    assert tree.value(f"{ACTIVE_SYNC}/Password") == "****"
    assert [node.value for node in tree.written] == ["", "USER", "WORD"]


def test_a_get_may_be_refused() -> None:
    tree = tree_with(Behaviour(csp=LOCKED, read=lambda target, view: Outcome(code=425)))
    assert tree.get(f"{MSFT}/RemoteLock/NewPINValue").code == 425


def test_a_get_may_change_the_device_once() -> None:
    """A value that can be read once only."""

    def read(target: Target, view: View) -> Outcome:
        state = replace(view.device, has_card_slot=False)
        return Outcome(content="1234" if view.device.has_card_slot else "", device=state)

    tree = tree_with(Behaviour(csp=LOCKED, read=read))
    assert tree.value(f"{MSFT}/RemoteLock/NewPINValue") == "1234"
    assert tree.value(f"{MSFT}/RemoteLock/NewPINValue") == ""


def test_a_second_add_is_the_csps_to_answer() -> None:
    behaviour = Behaviour(
        csp="ActiveSync", collide=lambda target, view: Outcome(removed=(target.path,))
    )
    tree = tree_with(behaviour)
    assert tree.add(ACTIVE_SYNC, None, "node") == 200
    assert tree.add(ACTIVE_SYNC, None, "node") == 200
    assert tree.get(ACTIVE_SYNC).code == 404


def test_a_delete_may_be_refused_or_go_on_later() -> None:
    def delete(target: Target, view: View) -> Outcome:
        return Outcome(code=202 if target.name == "Net1" else 500)

    tree = tree_with(Behaviour(csp="WiFi", delete=delete))
    for name in ("Net1", "Net2"):
        assert tree.add(f"{WIFI}/{name}", None, "node") == 200
    assert tree.delete(f"{WIFI}/Net1") == 202
    assert tree.delete(f"{WIFI}/Net2") == 500
    assert tree.get(WIFI).value == "Net2"


APP = "{11111111-2222-3333-4444-555555555555}"
INVENTORY = ("4000000001", "EnterpriseApps", "Inventory")
VERSION = f"{HUB}/EnterpriseApps/Inventory/{PRODUCT}/Version"
STATUS = ("4000000001", "EnterpriseApps", "Download", APP, "Status")


def _inventory(view: View) -> Mapping[Path, Content]:
    """An app is there while there is a card slot, so that a state is at hand."""
    if not view.device.has_card_slot:
        return {}
    return {(*INVENTORY, APP, "Version"): "1.0.0.0", ("4000000001", "Status"): "2"}


def _uninstall(target: Target, view: View) -> Outcome:
    return Outcome(device=replace(view.device, has_card_slot=False), is_irreversible=True)


APPS = Behaviour(csp="EnterpriseAppManagement", facts=_inventory, delete=_uninstall)


def test_facts_stand_in_the_tree_with_their_parents() -> None:
    tree = tree_with(APPS)
    assert tree.value(VERSION) == "1.0.0.0"
    assert tree.get(f"{HUB}/EnterpriseApps/Inventory").value == PRODUCT
    assert tree.get(VERSION.removesuffix("/Version")).value == "Version/Title/Publisher/InstallDate"
    assert tree.value(f"{HUB}/Status") == "2"
    assert (tree.written, tree.deleted) == ((), frozenset())


def test_facts_go_with_the_state_they_came_from() -> None:
    tree = tree_with(APPS)
    assert tree.delete(VERSION.removesuffix("/Version")) == 200
    assert tree.get(f"{HUB}/EnterpriseApps/Inventory").value == ""
    assert tree.value(f"{HUB}/Status") == "0"
    assert tree.deleted == frozenset()
    after = tree.leave(phone_of("wp81"))
    assert DeviceTree(after, behaviours=[APPS]).get(VERSION).code == 404
    installed = replace(after, device=replace(after.device, has_card_slot=True))
    assert DeviceTree(installed, behaviours=[APPS]).value(VERSION) == "1.0.0.0"


def test_a_roll_back_brings_facts_back_and_says_that_it_was_not_possible() -> None:
    tree = tree_with(APPS)
    before = tree.snapshot()
    assert tree.replace(f"{DM_CLIENT}/EntDMID", "NEW", "chr") == 200
    assert tree.can_restore(before)
    assert tree.delete(VERSION.removesuffix("/Version")) == 200
    assert tree.get(VERSION).code == 404
    assert not tree.can_restore(before)
    assert not tree.restore(before)
    assert tree.device.has_card_slot
    assert tree.value(VERSION) == "1.0.0.0"
    assert tree.value(f"{HUB}/Status") == "2"
    assert tree.value(f"{DM_CLIENT}/EntDMID") == "DEVICE-0001"
    assert tree.restore(tree.snapshot())


def test_what_the_server_has_written_stands_before_a_fact() -> None:
    def facts(view: View) -> Mapping[Path, Content]:
        return {("Provider", "ExampleMDM", "EntDMID"): f"slot {view.device.has_card_slot}"}

    def execute(target: Target, value: Value | None, view: View) -> Outcome:
        return Outcome(device=replace(view.device, has_card_slot=not view.device.has_card_slot))

    tree = tree_with(Behaviour(csp="DMClient", facts=facts, execute=execute))
    uri = f"{DM_CLIENT}/EntDMID"
    assert tree.value(uri) == "slot True"
    assert tree.execute(f"{MSFT}/DMClient/Unenroll", "") == 200
    assert tree.value(uri) == "slot False"
    assert tree.replace(uri, "NEW", "chr") == 200
    assert tree.execute(f"{MSFT}/DMClient/Unenroll", "") == 200
    assert tree.value(uri) == "NEW"


@pytest.mark.parametrize(
    "path", [("Nowhere",), ("doWipe", "Below"), ("Provider", "Other", "EntDMID"), ()]
)
def test_a_fact_that_no_node_holds_is_not_there(path: Path) -> None:
    tree = tree_with(Behaviour(csp="RemoteWipe", facts=lambda view: {path: "x"}))
    assert tree.get(f"{MSFT}/RemoteWipe").value == "doWipe/doWipePersistProvisionedData"
    assert tree.value(WIPE) == ""


def test_a_csp_that_the_device_has_not_does_nothing() -> None:
    tree = tree_with(Behaviour(csp="BitLocker", facts=lambda view: {("Status",): "1"}))
    assert tree.get(f"{MSFT}/BitLocker").code == 404


def test_facts_are_asked_only_when_the_state_has_changed() -> None:
    asked: list[None] = []

    def facts(view: View) -> Mapping[Path, Content]:
        asked.append(None)
        return {}

    tree = tree_with(Behaviour(csp="WiFi", facts=facts))
    for number in range(20):
        assert tree.add(f"{WIFI}/Net{number}/WlanXml", "<x/>", "chr") == 200
    assert len(asked) == 1
    assert later(tree, phone_of("wp81")).get(f"{WIFI}/Net19").code == 200


def test_the_user_has_facts_too() -> None:
    msi = ("MSI", "{1}", "Version")
    behaviour = Behaviour(
        csp="EnterpriseDesktopAppManagement",
        facts=lambda view: {msi: "1.0"},
        user_facts=lambda view: {msi: f"2.0 {view.children(('MSI',))}"},
    )
    tree = tree_with(behaviour, profile="win10")
    uri = "Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/%7B1%7D/Version"
    assert tree.value(f"./{uri}") == "1.0"
    assert tree.value(f"./User/{uri}") == "2.0 ('UpgradeCode',)"
    assert tree_with(behaviour).get("./User").code == 404


def test_a_csp_may_take_away_the_place_for_a_value() -> None:
    """As ActiveSync does with an account whose GUID comes again."""

    def write(target: Target, value: Value, view: View) -> Outcome:
        return Outcome(removed=(target.path[:2],) if target.name == "UserName" else ())

    tree = tree_with(Behaviour(csp="ActiveSync", write=write))
    assert tree.add(f"{ACTIVE_SYNC}/UserName", "x", "chr") == 200
    assert tree.get(ACTIVE_SYNC).code == 404
    assert tree.written == ()


def test_a_full_device_does_not_even_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def write(target: Target, value: Value, view: View) -> Outcome:
        asked.append(target.name)
        return Outcome()

    tree = tree_with(Behaviour(csp="WiFi", write=write))
    monkeypatch.setattr(module, "MAX_NODES", 0)
    assert tree.add(f"{WIFI}/Net", None, "node") == 420
    assert asked == []
