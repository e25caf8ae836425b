"""The same device enrols anew: its old account ends, with nonces, jobs and what was known of it."""

from __future__ import annotations

import pytest

from mdmcore.records import AccountStatus
from mdmcore.server import MdmServer
from mdmcore.store import Database
from tests.server.dm_device import Enrolled, answer_gets, send, statuses
from tests.server.leaving import begin, execs, queue
from tests.support import messages as m


@pytest.mark.parametrize("item", ["DeviceID", "HWDevID"])
def test_a_wiped_device_enrols_anew_and_its_old_nonces_prove_nothing(
    server: MdmServer, lumia_csr: bytes, state: Database, item: str
) -> None:
    context = (*m.PHONE_CONTEXT, (item, "the-device"))
    old = Enrolled(server, lumia_csr, context=context)
    begin(server, old, 1)
    queue(state)
    new = Enrolled(server, lumia_csr, context=context)
    assert statuses(begin(server, old, 2))[0][3] == "401"
    answer = begin(server, new, 3)
    assert statuses(answer)[0][3] == "212"
    assert not execs(answer)
    assert state.session(m.DEVICE_ID, "S1") is None


def test_the_same_device_id_with_a_new_account_ends_the_old_one(
    server: MdmServer, lumia_csr: bytes, state: Database
) -> None:
    old = Enrolled(server, lumia_csr)
    first = begin(server, old, 1)
    send(server, m.syncml(answer_gets(first, "2", ""), msg_id="2", session_id="S1"))
    assert "./DevDetail/SwV" in state.inventory(m.DEVICE_ID)
    queue(state)
    new = Enrolled(server, lumia_csr)
    answer = begin(server, new, 1)
    assert statuses(answer)[0][3] == "212"
    assert not execs(answer)
    assert "./DevDetail/SwV" not in state.inventory(m.DEVICE_ID)
    assert "./DevInfo/Man" in state.inventory(m.DEVICE_ID)
    before = old.nonce
    for number, nonce in enumerate((before, b"", old.server_nonce), start=2):
        old.nonce = nonce
        assert statuses(begin(server, old, number))[0][3] == "401"
    assert statuses(begin(server, new, 9))[0][3] == "212"
    assert [d.account.status for d in state.devices()] == [
        AccountStatus.ENROLLED,
        AccountStatus.UNENROLLED,
    ]
