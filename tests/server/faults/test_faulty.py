"""The server that makes mistakes: in the right step, for the right device, so often as told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mdmcore.http import Request
from mdmcore.phone import EnrolledPhone, Refusal, download_hub, enroll, run, sync
from mdmcore.server.faults import FAULTS, ActiveFault, ActiveFaults, FaultyServer, Step, Tools
from tests.matrix.material import PACKAGE, hub
from tests.phone.generations import phone_of
from tests.support.keys import load_key
from tests.support.server import (
    DOMAIN,
    NOW,
    FixedClock,
    counted_random,
    make_authority,
    make_server,
)


class Faulty:
    """A faulty server on a store of its own."""

    def __init__(self, folder: Path) -> None:
        clock = FixedClock()
        server, self.store = make_server(folder, clock=clock, hub=hub())
        self.standing: list[ActiveFault] = []
        self._server, self._clock = server, clock

    def server(self, *standing: ActiveFault) -> FaultyServer:
        tools = Tools(
            settings=self._server.settings,
            authority=make_authority(),
            store=self.store,
            clock=self._clock,
            random=counted_random("fault"),
        )
        active = ActiveFaults(
            standing, orders=self.store.fault_orders, spend=self.store.spend_fault
        )
        return FaultyServer(self._server, tools, active)


@pytest.fixture
def faulty(tmp_path: Path) -> Iterator[Faulty]:
    made = Faulty(tmp_path)
    yield made
    made.store.close()


def enrolled(server: FaultyServer, device_id: str = "urn:one") -> EnrolledPhone:
    return run(
        enroll(
            phone_of("wp8", device_id=device_id),
            private_key=load_key("device"),
            random=counted_random(device_id),
            clock=FixedClock(),
        ),
        server.answer,
    )


def holds_a_session(server: FaultyServer, phone: EnrolledPhone) -> bool:
    try:
        run(sync(phone, random=counted_random("s"), clock=FixedClock()), server.answer)
    except Refusal:
        return False
    return True


def test_a_mistake_is_made_in_its_step_only(faulty: Faulty) -> None:
    server = faulty.server(ActiveFault(id="empty-200-body", step=Step.POLICY))
    with pytest.raises(Refusal) as caught:
        enrolled(server)
    assert caught.value.step == "policy"


def test_an_order_counts_from_the_next_answer_on(faulty: Faulty) -> None:
    server = faulty.server()
    phone = enrolled(server)
    assert holds_a_session(server, phone)
    faulty.store.order_fault("missing-server-cred", NOW, times=1)
    phone = enrolled(server)
    # It is made once: challenged, the server proves itself.
    assert holds_a_session(server, phone)
    assert faulty.store.fault_orders() == ()


def test_only_one_device_gets_the_mistake(faulty: Faulty) -> None:
    server = faulty.server()
    one, two = enrolled(server, "urn:one"), enrolled(server, "urn:two")
    assert holds_a_session(server, one)
    assert holds_a_session(server, two)
    (account,) = faulty.store.accounts_for("urn:one", None)
    faulty.store.order_fault("wrong-content-type", NOW, account=account.name)
    assert not holds_a_session(server, one)
    assert holds_a_session(server, two)


def test_the_hub_is_not_streamed_while_mistakes_are_made_there(faulty: Faulty) -> None:
    url = f"https://mdm.{DOMAIN}/CompanyHub/company.xap"
    request = Request(method="GET", url=url)
    assert faulty.server().is_hub_request(request)
    spoilt = faulty.server(ActiveFault(id="hub-206-no-content-range"))
    assert not spoilt.is_hub_request(request)
    assert spoilt.answer(request).body == PACKAGE
    phone = enrolled(spoilt)
    with pytest.raises(Refusal) as caught:
        run(download_hub(phone, 100_000, clock=FixedClock()), spoilt.answer)
    assert caught.value.place == "header Content-Range"


def test_without_a_fault_each_answer_is_the_server_s(faulty: Faulty) -> None:
    server = faulty.server()
    assert server.answers_for(f"mdm.{DOMAIN}")
    assert not server.answers_for("elsewhere.test")
    assert server.settings.domains == (DOMAIN,)
    assert not server.asks_client_certificate(f"mdm.{DOMAIN}")
    phone = enrolled(server)
    assert holds_a_session(server, phone)


def test_each_fault_is_made_somewhere() -> None:
    assert all(fault.steps for fault in FAULTS.values())
    assert all(fault.change.__doc__ for fault in FAULTS.values())
