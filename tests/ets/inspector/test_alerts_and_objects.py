"""What the inspector finds about alerts, large objects and the account (ets.md 5 to 7)."""

from __future__ import annotations

import pytest

from tests.ets import text as t
from tests.ets.exchange import (
    C2S_2,
    FIRST,
    GET,
    PACKAGE_1,
    S2C_2,
    Seen,
    accepted,
    asked,
    closing,
    device_cred,
    statuses,
    told,
)
from tests.support.ets import INSPECTOR
from tests.support.story import CERT_CN, DEVICE_ID, PROVIDER

ets = pytest.mark.ets

URI = "./Vendor/MSFT/DMClient/Provider/ExampleMDM/EntDMID"
VALUE = "0123456789" * 30
PIECES = [VALUE[:100], VALUE[100:200], VALUE[200:]]


def opening(*more: str) -> bytes:
    """Package 1 with further alerts."""
    return asked(PACKAGE_1 + "".join(more), cred=device_cred(), name=CERT_CN)


def event(cmd_id: str, kind: str) -> str:
    return t.alert(cmd_id, "1224", t.item(info=t.meta(Type=kind, Format="chr"), data="user"))


ALERTS = [
    pytest.param(event("4", "com.microsoft/MDM/LoginStatus"), ("200", "406"),
                 marks=ets("DMX-301", INSPECTOR)),
    pytest.param(t.generic("4", "com.example/known"), ("200", "202"),
                 marks=ets("DMX-302", INSPECTOR)),
    pytest.param(t.generic("4", "com.example/unknown"), ("415",),
                 marks=ets("DMX-303", INSPECTOR)),
    pytest.param(t.generic("4", t.UNENROLL_TYPE), ("200",), marks=ets("DMX-305", INSPECTOR)),
]  # fmt: skip


@pytest.mark.parametrize(("alert", "codes"), ALERTS)
def test_an_alert_with_and_without_its_status(alert: str, codes: tuple[str, ...]) -> None:
    is_leaving = t.UNENROLL_TYPE in alert
    for code in codes:
        body = t.status("4", "1", "4", "Alert", code) + ("" if is_leaving else GET)
        assert Seen("win10").sync(opening(alert), accepted(body)) == set()
    found = Seen("win10").sync(opening(alert), accepted("" if is_leaving else GET))
    assert "generic-alert-unanswered" in found


@ets("DMX-304", INSPECTOR)
def test_one_of_two_alerts_is_not_answered() -> None:
    alerts = t.generic("4", "com.example/a") + t.generic("5", "com.example/b")
    both = "".join(t.status(f"4{n}", "1", n, "Alert", "415") for n in "45")
    assert Seen().sync(opening(alerts), accepted(both + GET)) == set()
    one = t.status("44", "1", "4", "Alert", "415")
    found = Seen().sync(opening(alerts), accepted(one + GET))
    assert found == {"generic-alert-unanswered"}


EXEC = t.execute("6", "./Vendor/MSFT/DMClient/Unenroll", PROVIDER)


@ets("DMX-306", INSPECTOR)
def test_an_unenroll_that_gets_no_status() -> None:
    seen = Seen()
    assert seen.sync(FIRST, accepted(EXEC)) == set()
    leaving = asked(
        t.package_1(DEVICE_ID, more=t.generic("4", t.UNENROLL_TYPE)),
        cred=device_cred(C2S_2),
        name=CERT_CN,
        session_id="1B",
    )
    answer = told(statuses("212") + t.status("4", "1", "4", "Alert", "200"), session_id="1B")
    found = seen.sync(leaving, answer)
    assert not {rule for rule in found if rule != "unenroll-waits-for-status"}


@ets("DMX-306", INSPECTOR)
def test_an_unenroll_that_a_phone_refuses() -> None:
    exec_ = t.execute("6", "./Vendor/MSFT/DMClient/Unenroll")
    assert "unenroll-data-missing" in Seen().sync(FIRST, accepted(exec_))


# --- large objects --------------------------------------------------------------------------------


def piece(cmd_id: str, data: str, *, size: int | None = None, more: bool = True) -> str:
    """A Replace with a part of the value."""
    info = {"Format": "chr"} | ({} if size is None else {"Size": str(size)})
    return t.command("Replace", cmd_id, t.item(URI, data, info=t.meta(**info), more=more))


def buffered(number: int, cmd_id: str, code: str = "213") -> bytes:
    """The device's answer to a piece in the server's message of that number."""
    ref = str(number)
    proof = t.status("1", ref, "0", "SyncHdr", "200")
    if number == 2:
        proof = t.status("1", ref, "0", "SyncHdr", "212", t.chal(S2C_2))
    body = proof + t.status("2", ref, cmd_id, "Replace", code)
    return asked(body + (t.alert("3", "1222") if code == "213" else ""), ref,
                 final=code != "213")  # fmt: skip


def next_piece(number: int, body: str, *, final: bool = False) -> bytes:
    """The server's message with the next piece."""
    ref = str(number - 1)
    head = t.status("1", ref, "0", "SyncHdr", "200") + t.status("2", ref, "3", "Alert", "200")
    return told(head + body, str(number), final=final)


def download(profile: str, first: str, second: str, last: str) -> set[str]:
    """A download in three pieces; what is found in it."""
    seen = Seen(profile)
    seen.sync(FIRST, accepted(first, final=False))
    seen.sync(buffered(2, "5"), next_piece(3, second))
    seen.sync(buffered(3, "6"), next_piece(4, last, final=True))
    seen.sync(buffered(4, "7", "200"), closing("5", "4"))
    return seen.found


RIGHT = (
    piece("5", PIECES[0], size=len(VALUE)),
    piece("6", PIECES[1]),
    piece("7", PIECES[2], more=False),
)


@ets("DMX-402", INSPECTOR)
@ets("DMX-403", INSPECTOR)
@ets("DMX-404", INSPECTOR)
def test_a_download_in_three_pieces() -> None:
    assert download("win10", *RIGHT) == set()


@ets("DMX-402", INSPECTOR)
def test_final_beside_more_data() -> None:
    assert "final-in-next-message" in Seen("win10").sync(FIRST, accepted(RIGHT[0]))


def upload_piece(ref: str, msg_id: str, data: str, *, size: str = "", more: bool = True) -> bytes:
    """The device's message with a part of its Results."""
    code, chal = ("212", t.chal(S2C_2)) if msg_id == "2" else ("200", "")
    head = t.status("1", ref, "0", "SyncHdr", code, chal)
    if msg_id == "2":
        head += t.status("2", "2", "5", "Get", "200")
    else:
        head += t.status("2", ref, "9", "Alert", "200")
    info = {"Format": "chr"} | ({"Size": size} if size else {})
    one = t.item(source="./DevDetail/SwV", data=data, info=t.meta(**info), more=more)
    results = f"<Results><CmdID>3</CmdID><MsgRef>2</MsgRef><CmdRef>5</CmdRef>{one}</Results>"
    return asked(head + results, msg_id, final=not more)


def taken(ref: str, msg_id: str) -> bytes:
    """213 and the request for the next message."""
    body = (
        t.status("1", ref, "0", "SyncHdr", "200")
        + t.status("2", ref, "3", "Results", "213")
        + t.alert("9", "1222")
    )
    return told(body, msg_id, final=False)


def upload(profile: str, *, size: str = str(len(VALUE))) -> set[str]:
    """An upload in three pieces; what is found in it."""
    seen = Seen(profile).opened()
    seen.sync(upload_piece("2", "2", PIECES[0], size=size), taken("2", "3"))
    seen.sync(upload_piece("3", "3", PIECES[1]), taken("3", "4"))
    seen.sync(upload_piece("4", "4", PIECES[2], more=False), closing("5", "4"))
    return seen.found


@ets("DMX-401", INSPECTOR)
@ets("DMX-403", INSPECTOR)
@ets("DMX-404", INSPECTOR)
def test_an_upload_in_three_pieces() -> None:
    assert upload("win10") == set()


@ets("DMX-401", INSPECTOR)
def test_a_piece_that_is_not_continued() -> None:
    seen = Seen("win10").opened()
    found = seen.sync(upload_piece("2", "2", PIECES[0], size=str(len(VALUE))), closing("3", "2"))
    assert "client-unfinished-not-continued" in found


@ets("DMX-405", INSPECTOR)
def test_a_limit_of_the_server_is_not_looked_at() -> None:
    limit = t.meta(MaxObjSize="1000")
    assert Seen("win10").sync(FIRST, accepted(GET, header=limit)) == {"synchdr-meta-ignored"}
    device = asked(PACKAGE_1, cred=device_cred(), name=CERT_CN, header=t.meta(MaxObjSize="1000"))
    assert Seen("win10").sync(device, accepted(GET)) == set()


@ets("DMX-406", INSPECTOR)
def test_an_object_in_one_message_has_no_more_data() -> None:
    whole = piece("5", VALUE, more=False)
    assert Seen("win10").sync(FIRST, accepted(whole)) == set()
    found = Seen("win10").sync(FIRST, accepted(piece("5", VALUE, size=len(VALUE))))
    assert "final-in-next-message" in found, "MoreData, and yet the package is closed"


# --- standard objects -----------------------------------------------------------------------------


@ets("DMC-501", INSPECTOR)
@pytest.mark.parametrize("leaf", ["DevId", "Man", "Mod", "DmV", "Lang"])
def test_a_leaf_of_dev_info_is_missing(leaf: str) -> None:
    rest = [one for one in ("DevId", "Man", "Mod", "DmV", "Lang") if one != leaf]
    body = t.alert("2", "1201") + t.dev_info("3", DEVICE_ID, *rest)
    found = Seen().sync(asked(body, cred=device_cred(), name=CERT_CN), accepted(GET))
    assert found == {"package1-missing-devinfo"}


@ets("DMC-501", INSPECTOR)
def test_dev_info_is_complete() -> None:
    assert Seen().sync(FIRST, accepted(GET)) == set()
