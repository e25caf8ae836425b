"""Messages of one device wait for each other, those of two devices do not."""

from __future__ import annotations

import asyncio

import pytest

from mdmcore.http import Headers, Request
from mdmcore.mitm.order import KeyedLocks, device_key
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPES
from mdmcore.syncml.wbxml import encode_wbxml
from mdmcore.syncml.xml import parse_syncml
from tests.support.messages import DEVICE_ID, discover, syncml


async def test_one_key_is_held_by_one_at_a_time_in_order() -> None:
    locks, seen, release = KeyedLocks(), [], asyncio.Event()

    async def work(name: str) -> None:
        async with locks.hold("device"):
            seen.append(f"{name} in")
            await release.wait()
            seen.append(f"{name} out")

    tasks = [asyncio.create_task(work(name)) for name in ("a", "b")]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert seen == ["a in"]
    release.set()
    await asyncio.gather(*tasks)
    assert seen == ["a in", "a out", "b in", "b out"]


async def test_two_keys_do_not_wait_for_each_other() -> None:
    locks = KeyedLocks()
    async with locks.hold("one"), locks.hold("two"):
        assert len(locks) == 2


async def test_a_key_nobody_uses_is_forgotten() -> None:
    locks = KeyedLocks()
    async with locks.hold("one"):
        pass
    assert len(locks) == 0


async def test_a_waiter_that_is_cancelled_is_forgotten_too() -> None:
    locks = KeyedLocks()

    async def work() -> None:
        async with locks.hold("one"):
            raise AssertionError("held already")

    async with locks.hold("one"):
        waiting = asyncio.create_task(work())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert len(locks) == 0


def post(body: bytes, content_type: str) -> Request:
    headers = Headers([("Content-Type", content_type)])
    return Request(method="POST", url="https://mdm.example.test/x", headers=headers, body=body)


def test_a_syncml_message_belongs_to_its_source() -> None:
    request = post(syncml(""), "application/vnd.syncml.dm+xml; charset=utf-8")
    assert device_key(request, "10.0.0.1") == f"device {DEVICE_ID}"


@pytest.mark.parametrize("media_type", sorted(SYNCML_WBXML_MEDIA_TYPES))
def test_a_message_in_wbxml_belongs_to_the_same_device(media_type: str) -> None:
    body = encode_wbxml(parse_syncml(syncml("")))
    assert device_key(post(body, media_type), "10.0.0.1") == f"device {DEVICE_ID}"
    for end in range(len(body)):
        assert device_key(post(body[:end], media_type), "10.0.0.1") == "peer 10.0.0.1"


def test_other_messages_belong_to_the_address_they_came_from() -> None:
    assert device_key(post(discover(), "application/soap+xml"), "10.0.0.1") == "peer 10.0.0.1"
    for body in (b"", b"<SyncML", b"not XML", b"<SyncML/>", discover()):
        request = post(body, "application/vnd.syncml.dm+xml")
        assert device_key(request, "10.0.0.1") == "peer 10.0.0.1"
