"""Weeks of a device against the emulated server, in memory, on one virtual clock."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from mdmcore.base64_text import encode_base64
from mdmcore.enrollment.aetx import serialize_aet
from mdmcore.http import Request, Response
from mdmcore.phone import EnrolledPhone, Keyring, enroll, identity_of, run
from mdmcore.phone.background import work_off
from mdmcore.phone.device.work import Stage
from mdmcore.phone.life import VirtualClock, live
from mdmcore.phone.timeline import EventKind
from mdmcore.server import Hub, MdmServer
from tests.phone.device.packages import PRODUCT, xap
from tests.phone.device.trees import MSFT, read, tree_of
from tests.phone.generations import phone_of
from tests.support.keys import load_key
from tests.support.server import NOW, counted_random, make_server

PACKAGE = xap("3.0.0.0")
ENTERPRISE = "4000000001"


class Package:
    """The hub's file."""

    size = len(PACKAGE)
    etag = '"1"'
    media_type = "application/x-silverlight-app"

    def read(self, start: int, length: int) -> bytes:
        return PACKAGE[start : start + length]


def transport(server: MdmServer, request: Request) -> Response:
    """As the wire would carry it: with the certificate that the device offers."""
    identity = identity_of(request)
    return server.answer(request, None if identity is None else identity.tls_facts())


def enrolled(server: MdmServer, profile: str, keys: Keyring) -> EnrolledPhone:
    leg = enroll(
        phone_of(profile),
        private_key=keys,
        random=counted_random("phone"),
        clock=VirtualClock(NOW),
    )
    return run(leg, lambda request: transport(server, request))


def keyring() -> Keyring:
    left = ["device"]
    return Keyring(lambda _bits: load_key(left.pop() if left else "device2"))


@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_a_week_with_a_renewal(tmp_path: Path, profile: str) -> None:
    clock, keys = VirtualClock(NOW), keyring()
    server, store = make_server(
        tmp_path,
        clock=clock,  # type: ignore[arg-type]
        users=(("user@example.test", "pass & word"),),
        certificate_lifetime=timedelta(days=46),
    )
    phone = enrolled(server, profile, keys)
    first = phone.key_sha256
    until = NOW + timedelta(days=7)
    leg = live(phone, clock=clock, until=until, random=counted_random("life"), keys=keys)
    life = run(leg, lambda request: transport(server, request))
    store.close()
    kinds = [event.kind for event in life.events]
    refusals = [event for event in life.events if event.kind is EventKind.REFUSAL]
    assert refusals == []
    assert kinds.count(EventKind.RENEWAL) == 1
    assert kinds.count(EventKind.SESSION) >= 7
    assert kinds[-1] is EventKind.SESSION
    assert life.phone.key_sha256 != first
    assert clock.now == until


def test_the_hub_package_is_installed_from_the_server(tmp_path: Path) -> None:
    hub = Hub(
        package=Package(),
        file_name="company.xap",
        product_id=PRODUCT,
        enterprise_id=ENTERPRISE,
        enrollment_token=encode_base64(serialize_aet(ENTERPRISE)),
    )
    users = (("user@example.test", "pass & word"),)
    server, store = make_server(tmp_path, hub=hub, users=users)
    phone = enrolled(server, "wp8", keyring())
    assert phone.hub is not None
    tree = tree_of(phone)
    apps = f"{MSFT}/EnterpriseAppManagement/{ENTERPRISE}/EnterpriseApps"
    node = f"{apps}/Download/%7B{PRODUCT.strip('{}')}%7D"
    assert tree.add(f"{node}/URL", phone.hub.store_uri, "chr") == 200
    assert tree.add(f"{node}/DownloadInstall", "0", "int") == 200
    assert tree.execute(f"{node}/DownloadInstall", "0", "int") == 202
    asked: list[Request] = []

    def answered(request: Request) -> Response:
        asked.append(request)
        return transport(server, request)

    phone = run(work_off(tree.leave(phone), NOW), answered)
    store.close()
    assert [work.stage for work in phone.device.work] == [Stage.INSTALLED]
    assert identity_of(asked[0]) is not None
    tree = tree_of(phone)
    inventory = f"{apps}/Inventory/{read(tree, f'{apps}/Inventory')}"
    assert read(tree, f"{inventory}/Version") == "3.0.0.0"
