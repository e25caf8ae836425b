"""Rules on what a device says in the first message of a session (OMA DM Protocol 1.2.1 8.3)."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.whole_messages import whole_request
from mdmcore.syncml.model import Command, Item, SyncML

_SESSION_ALERTS = frozenset({"1200", "1201"})
_ABORT = "1223"
_DEV_INFO = "devinfo/"
_LEAVES = ("DevId", "Man", "Mod", "DmV", "Lang")


@rule("device-source-ne-devid", kinds={Kind.SYNCML})
def device_source_ne_devid(scene: Scene) -> Iterator[Hit]:
    """The device's Source is not its DevInfo/DevId, so the server may not know the device. Look at
    USEHWDEVID, and at what changes the message on its way."""
    asked = whole_request(scene)
    if asked is None:
        return
    source = asked.header.source.strip()
    item = _dev_info(asked).get("devid")
    told = "" if item is None else (item.data or "").strip()
    if item is not None and told and source and told.casefold() != source.casefold():
        yield scene.hit(
            f"the device calls itself {source}, its DevId is {told}",
            part="request",
            xpath=f"{item.place}/Data",
            evidence=told,
        )


@rule("package1-missing-alert", kinds={Kind.SYNCML})
def package1_missing_alert(scene: Scene) -> Iterator[Hit]:
    """The first message of a session has no Alert 1200 or 1201, so a server may refuse it. A device
    must send one; a server should take the message as a continuation."""
    asked = whole_request(scene)
    if asked is None or not _is_package1(asked):
        return
    if not any(alert.code.strip() in _SESSION_ALERTS for alert in asked.alerts):
        yield scene.hit(
            "the first message of the session has no Alert 1200 or 1201",
            part="request",
            xpath="/SyncML/SyncBody",
            evidence=" ".join(alert.code.strip() for alert in asked.alerts) or "no Alert",
        )


@rule("package1-missing-devinfo", kinds={Kind.SYNCML})
def package1_missing_devinfo(scene: Scene) -> Iterator[Hit]:
    """The first message of a session does not tell all of DevInfo (DevId, Man, Mod, DmV, Lang), so
    the server knows less about the device. A device must send it; a server can ask with Get."""
    asked = whole_request(scene)
    if asked is None or not _is_package1(asked):
        return
    told = _dev_info(asked)
    missing = [leaf for leaf in _LEAVES if leaf.casefold() not in told]
    if missing:
        yield scene.hit(
            f"the first message of the session does not tell DevInfo {', '.join(missing)}",
            part="request",
            xpath=_replace_place(asked),
            evidence=" ".join(missing),
        )


def _is_package1(asked: SyncML) -> bool:
    """Whether the message is all of a package 1; a package may come in several messages."""
    is_aborted = any(alert.code.strip() == _ABORT for alert in asked.alerts)
    return asked.header.msg_id == "1" and asked.is_final and not is_aborted


def _replaces(asked: SyncML) -> Iterator[Command]:
    for command in asked.walk():
        if isinstance(command, Command) and command.name == "Replace":
            yield command


def _replace_place(asked: SyncML) -> str:
    return next((command.place for command in _replaces(asked)), "/SyncML/SyncBody")


def _dev_info(asked: SyncML) -> dict[str, Item]:
    """The items of DevInfo by the names of their leaves, in lower case."""
    found: dict[str, Item] = {}
    for command in _replaces(asked):
        for item in command.items:
            uri = (item.source or item.target or "").strip().casefold()
            before, of, leaf = uri.rpartition(_DEV_INFO)
            if of and before in {"", "./", "./device/"}:
                found.setdefault(leaf, item)
    return found
