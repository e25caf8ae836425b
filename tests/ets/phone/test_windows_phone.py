"""The Windows Phone profile on top (ets.md 8), at the phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mdmcore.http import Request, Response
from mdmcore.phone import EnrolledPhone, NoAnswer, Refusal, run, sync
from mdmcore.phone.polling import Polling, contacted, next_contact
from tests.ets import text as t
from tests.ets import wbxml
from tests.ets.scripted import (
    LAST,
    Script,
    ask,
    ask_phone,
    device_digest,
    enrolled,
    enrolled_with,
    first,
    hold,
    server_cred,
    then,
    turn,
)
from tests.ets.text import Message
from tests.phone.scripted import DEVICE_ID, SERVER_NONCE, answer
from tests.support.ets import PHONE
from tests.support.server import FixedClock, counted_random

ets = pytest.mark.ets

SWV = "./DevDetail/SwV"
GET = t.get("g", SWV)
LOCK = "./Vendor/MSFT/RemoteLock"
DEVICE_LOCK = "./Vendor/MSFT/DeviceLock"
PROVIDER_LOCK = f"{DEVICE_LOCK}/Provider/ExampleMDM"
EAM = "./Vendor/MSFT/EnterpriseAppManagement/4000000001/EnterpriseApps"
PRODUCT = "%7B22222222-2222-3333-4444-555555555555%7D"
DOWNLOAD = f"{EAM}/Download/{PRODUCT}"


def retry(name: str, value: int) -> str:
    return f'<parm name="{name}" value="{value}" datatype="integer"/>'


def scheduled(**values: int) -> EnrolledPhone:
    """A phone whose document has these values of OmaDmRetry."""
    given = {"NumRetries": 8, "RetryInterval": 60, "AuxNumRetries": 5, "AuxRetryInterval": 3,
             "Aux2NumRetries": 0, "Aux2RetryInterval": 480}  # fmt: skip
    changes = [(retry(n, given[n]), retry(n, v)) for n, v in values.items() if given[n] != v]
    return enrolled_with(*changes)


def contacts(phone: EnrolledPhone, count: int, *, good: set[int]) -> list[float]:
    """Minutes from enrolment to each contact; ``good``: the numbers of those that succeed."""
    polling, now, found = Polling(), phone.enrolled, []
    for number in range(count):
        at = next_contact(phone.schedule, polling, enrolled=phone.enrolled, now=now)
        if at is None:
            break
        found.append((at - phone.enrolled).total_seconds() / 60)
        polling = contacted(phone.schedule, polling, at=at, is_good=number in good)
        now = at
    return found


@ets("WP-601", PHONE)
def test_the_first_session_comes_within_aux_retry_interval() -> None:
    (first_one, second, *_) = contacts(scheduled(), 3, good=set())
    assert first_one <= 3
    assert second - first_one <= 3
    said, _ = hold(first(GET), LAST, phone=scheduled())
    assert said[0].msg_id == "1"


@ets("WP-601", PHONE)
@pytest.mark.parametrize("name", ["AuxRetryInterval", "AuxNumRetries"])
def test_no_session_when_the_first_set_is_zero(name: str) -> None:
    script = Script((first(GET), LAST))
    with pytest.raises(Refusal):
        run(sync(scheduled(**{name: 0}), random=counted_random(), clock=FixedClock()), script)
    assert script.requests == []


@ets("WP-603", PHONE)
def test_the_servers_digest_is_that_of_the_provider_id() -> None:
    """Vector D1 of session.md 4.6: this account and this nonce."""
    assert "h0ymOKkz/d8zfICpEX+pFg==" in server_cred(SERVER_NONCE)
    said, outcome = hold(first(GET), LAST)
    assert said[1].header_code == "212"
    assert outcome.is_server_authenticated


@ets("WP-605", PHONE)
@pytest.mark.parametrize("lost", [1, 2])
def test_nonces_over_sessions_with_a_lost_answer(lost: int) -> None:
    phone = enrolled()
    c2s, s2c = phone.nonce_c2s, phone.nonce_s2c
    for number in range(1, 5):
        assert c2s is not None
        assert s2c is not None
        fresh = bytes([number]) * 16
        opening = first(GET, chal=t.chal(fresh), cred=server_cred(s2c))
        if number == 3:
            script = Script((opening, LAST))
            phone, received = broken(phone, script, at=lost)
            assert received[0].header("Cred/Data") == device_digest(c2s)
            if lost == 2:  # the first answer came, and so did the phone's nonce
                c2s, s2c = fresh, received[1].next_nonce
            continue
        said, outcome = hold(opening, LAST, phone=phone)
        assert said[0].header("Cred/Data") == device_digest(c2s)
        assert said[1].header_code == "212"
        phone, c2s, s2c = outcome.phone, fresh, said[1].next_nonce


def broken(phone: EnrolledPhone, script: Script, *, at: int) -> tuple[EnrolledPhone, list[Message]]:
    """A session whose answer number ``at`` is lost."""
    received: list[Message] = []

    def answering(request: Request) -> Response:
        received.append(Message(request.body or b""))
        if len(received) >= at:
            raise NoAnswer("connection reset")
        return script(request)

    with pytest.raises(Refusal) as caught:
        run(sync(phone, random=counted_random("broken"), clock=FixedClock()), answering)
    after = caught.value.phone
    assert isinstance(after, EnrolledPhone)
    return after, received


@ets("WP-607", PHONE)
def test_first_second_and_long_run_in_order() -> None:
    phone = scheduled(AuxNumRetries=2, NumRetries=2)
    found = contacts(phone, 8, good={4})
    assert found == [0, 3, 6, 66, 126, 126 + 480, 126 + 960, 126 + 1440]


@ets("WP-607", PHONE)
def test_the_long_run_begins_with_the_first_good_session() -> None:
    assert contacts(scheduled(), 4, good={0, 1, 2, 3}) == [0, 480, 960, 1440]


@ets("WP-607", PHONE)
def test_without_a_good_session_it_ends_with_the_second_set() -> None:
    found = contacts(scheduled(AuxNumRetries=2, NumRetries=1), 50, good=set())
    assert found == [0, 3, 6, 66]


@ets("WP-607", PHONE)
def test_an_infinite_set_disables_those_behind_it() -> None:
    schedule = scheduled(NumRetries=0, RetryInterval=60).schedule
    assert schedule.second.is_infinite
    assert schedule.remaining.is_off


@ets("WP-608", PHONE)
def test_no_dm_1_1_where_the_flag_forbids_it() -> None:
    failing = turn(code="513")
    script = Script((failing, failing, failing))
    with pytest.raises(Refusal):
        run(sync(enrolled(), random=counted_random(), clock=FixedClock()), script)
    assert {message.header("VerProto") for message in script.received} == {"DM/1.2"}


@ets("WP-608", PHONE)
@pytest.mark.parametrize("code", ["505", "513"])
def test_dm_1_1_where_nothing_forbids_it(code: str) -> None:
    phone = enrolled_with(('<parm name="BACKCOMPATRETRYDISABLED"/>', ""))
    old: Any = {"ver_dtd": "1.1", "ver_proto": "DM/1.1", "namespace": "SYNCML:SYNCML1.1"}
    said, _ = hold(turn(code=code), first(GET, **old), turn(**old), phone=phone)
    again = said[1]
    assert again.root.tag == "{SYNCML:SYNCML1.1}SyncML"
    assert (again.header("VerDTD"), again.header("VerProto")) == ("1.1", "DM/1.1")
    assert "1201" in again.alerts
    assert said[2].values[SWV]
    assert said[2].header("VerProto") == "DM/1.1"


HARDWARE = ('<parm name="BACKCOMPATRETRYDISABLED"/>',
            '<parm name="BACKCOMPATRETRYDISABLED"/><parm name="USEHWDEVID"/>')  # fmt: skip


@ets("WP-609", PHONE)
def test_a_hardware_id_in_source_and_dev_id() -> None:
    phone = enrolled_with(HARDWARE)
    said, _ = hold(first(t.get("g", "./DevInfo/DevId")), LAST, phone=phone)
    source = said[0].header("Source/LocURI")
    assert source != DEVICE_ID
    assert phone.settings.imei in source
    replaced = next(e for e in said[0].commands if t.local(e) == "Replace")
    told = {t.text(i, "Source/LocURI"): t.text(i, "Data") for i in replaced.iterfind("{*}Item")}
    assert told["./DevInfo/DevId"] == source
    assert said[1].values == {"./DevInfo/DevId": source}
    assert said[1].header("Source/LocURI") == source


@ets("WP-609", PHONE)
def test_without_it_the_id_is_the_applications() -> None:
    said, _ = hold(first(GET), LAST)
    assert said[0].header("Source/LocURI") == DEVICE_ID


@ets("WP-610", PHONE)
def test_an_account_with_wbxml_speaks_it_throughout() -> None:
    phone = enrolled_with((t.XML_TYPE, t.WBXML_TYPE))
    turns = [first(GET), turn(t.get("h", SWV)), LAST]
    received: list[Message] = []

    def server(request: Request) -> Response:
        assert request.media_type == t.WBXML_TYPE
        received.append(Message(wbxml.decode(request.body or b"")))
        told = turns[len(received) - 1](received[-1], request)
        return answer(wbxml.encode(told.body or b""), t.WBXML_TYPE)

    run(sync(phone, random=counted_random(), clock=FixedClock()), server)
    assert len(received) == 3
    assert received[1].values[SWV]


# --- CSPs -----------------------------------------------------------------------------------------


def install(verb: Callable[..., str], version: str = "1.0.0.0") -> str:
    """The Atomic of an install (Add) or an update (Replace)."""
    return t.atomic(
        "10",
        verb("11", f"{DOWNLOAD}/Name", "Example"),
        verb("12", f"{DOWNLOAD}/URL", "https://mdm.example.test/apps/example.xap"),
        verb("13", f"{DOWNLOAD}/Version", version),
        verb("14", f"{DOWNLOAD}/DownloadInstall", "0", "int"),
        t.execute("15", f"{DOWNLOAD}/DownloadInstall", "0", "int"),
    )


@ets("WP-611", PHONE)
def test_an_install_is_accepted_and_has_a_status() -> None:
    told, phone = ask_phone(install(t.add), t.get("20", f"{DOWNLOAD}/Status"))
    assert told.code("10") == "200"
    assert told.code("15") in {"200", "202"}
    assert told.values[f"{DOWNLOAD}/Status"] in set("01234567")
    later, _ = then(phone, t.get("20", f"{DOWNLOAD}/Status"))
    assert later.values[f"{DOWNLOAD}/Status"] in set("01234567")


@ets("WP-611", PHONE)
def test_an_update_by_add_is_418_and_by_replace_works() -> None:
    _, phone = ask_phone(install(t.add))
    told, phone = then(phone, install(t.add, "2.0.0.0"))
    assert (told.code("10"), told.code("11")) == ("507", "418")
    told, phone = then(phone, install(t.replace, "2.0.0.0"))
    assert told.code("10") == "200"
    assert told.code("15") in {"200", "202"}
    assert then(phone, t.get("5", f"{DOWNLOAD}/Version"))[0].values == {
        f"{DOWNLOAD}/Version": "2.0.0.0"
    }


@ets("WP-611", PHONE)
def test_what_is_not_installed_cannot_be_removed() -> None:
    assert ask(t.delete("5", f"{EAM}/Inventory/{PRODUCT}")).code("5") == "404"


@ets("WP-612", PHONE)
@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_device_lock_is_set_and_shows_in_device_value(profile: str) -> None:
    value = f"{DEVICE_LOCK}/DeviceValue/MinDevicePasswordLength"
    told = ask(
        t.add("5", f"{PROVIDER_LOCK}/DevicePasswordEnabled", "0", "int"),
        t.add("6", f"{PROVIDER_LOCK}/MinDevicePasswordLength", "6", "int"),
        t.get("7", f"{PROVIDER_LOCK}/MinDevicePasswordLength"),
        t.get("8", value),
        t.replace("9", value, "4", "int"),
        profile=profile,
    )
    assert [told.code(number) for number in "5678"] == ["200"] * 4
    assert told.values == {f"{PROVIDER_LOCK}/MinDevicePasswordLength": "6", value: "6"}
    assert told.code("9") == "405"


@ets("WP-612", PHONE)
def test_device_lock_refuses_what_is_out_of_range() -> None:
    uri = f"{PROVIDER_LOCK}/MinDevicePasswordLength"
    told = ask(t.add("5", uri, "99", "int"), t.get("6", uri))
    assert told.code("5")[0] in "45"
    assert told.code("6") == "404"


@ets("WP-612", PHONE)
def test_the_provider_node_goes_with_its_values() -> None:
    uri = f"{PROVIDER_LOCK}/MinDevicePasswordLength"
    told = ask(t.add("5", uri, "6", "int"), t.delete("6", PROVIDER_LOCK), t.get("7", uri))
    assert (told.code("6"), told.code("7")) == ("200", "404")


@ets("WP-613", PHONE)
def test_lock_with_and_without_a_pin() -> None:
    exec_ = t.execute("5", f"{LOCK}/Lock")
    assert ask(exec_, phone=enrolled("wp81", pin="1234")).code("5") == "200"
    assert ask(exec_, profile="wp81").code("5") == "405"


@ets("WP-613", PHONE)
def test_a_new_pin_in_one_sequence_and_gone_after() -> None:
    uri = f"{LOCK}/NewPINValue"
    phone = enrolled("wp81", pin="1234")
    both = t.sequence("5", t.execute("6", f"{LOCK}/LockAndResetPIN"), t.get("7", uri))
    told, after = ask_phone(both, phone=phone)
    assert [told.code(number) for number in "567"] == ["200"] * 3
    assert len(told.values[uri]) >= 4
    later, _ = then(after, t.get("7", uri))
    assert later.values.get(uri, "") in {"", "null"}


@ets("WP-613", PHONE)
def test_windows_phone_8_0_has_no_remote_lock() -> None:
    assert ask(t.execute("5", f"{LOCK}/Lock")).code("5") == "404"


@ets("WP-614", PHONE)
@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_a_wipe_is_accepted_and_then_there_is_silence(profile: str) -> None:
    told, after = ask_phone(t.execute("5", "./Vendor/MSFT/RemoteWipe/doWipe"), profile=profile)
    assert told.code("5") == "200"
    script = Script((first(GET), LAST))
    with pytest.raises(Refusal):
        run(sync(after, random=counted_random(), clock=FixedClock()), script)
    assert script.requests == []


@ets("WP-615", PHONE)
@pytest.mark.parametrize("value", ["True", "False"])
def test_storage_is_switched(value: str) -> None:
    uri = "./Vendor/MSFT/Storage/Disable"
    told = ask(t.replace("5", uri, value, "bool"), t.get("6", uri))
    assert told.code("5") == "200"
    assert told.values == {uri: value}


@ets("WP-615", PHONE)
@pytest.mark.parametrize("value", ["true", "FALSE", "1"])
def test_storage_wants_the_exact_case(value: str) -> None:
    uri = "./Vendor/MSFT/Storage/Disable"
    assert ask(t.replace("5", uri, value, "bool")).code("5") in {"415", "500"}


@ets("WP-615", PHONE)
def test_a_device_without_a_slot() -> None:
    uri = "./Vendor/MSFT/Storage/Disable"
    phone = enrolled("wp8", has_storage_card=False)
    told = ask(t.replace("5", uri, "True", "bool"), t.get("6", uri), phone=phone)
    assert (told.code("5"), told.code("6")) == ("404", "404")


AREA = "./Vendor/MSFT/PolicyManager/My/WiFi"


def area(*, last: str = "AllowInternetSharing") -> str:
    return t.atomic(
        "5", t.add("6", f"{AREA}/AllowWiFi", "0", "int"), t.add("7", f"{AREA}/{last}", "0", "int")
    )


@ets("WP-616", PHONE)
def test_a_policy_area_on_8_1() -> None:
    effective = "./Vendor/MSFT/PolicyManager/Device/WiFi/AllowWiFi"
    told = ask(area(), t.get("8", f"{AREA}/AllowWiFi"), t.get("9", effective), profile="wp81")
    assert [told.code(number) for number in "56789"] == ["200"] * 5
    assert told.values == {f"{AREA}/AllowWiFi": "0", effective: "0"}


@ets("WP-616", PHONE)
def test_one_wrong_policy_leaves_the_area_alone() -> None:
    told = ask(area(last="NoSuchPolicy"), t.get("8", f"{AREA}/AllowWiFi"), profile="wp81")
    assert (told.code("5"), told.code("6"), told.code("8")) == ("507", "216", "404")


@ets("WP-616", PHONE)
def test_there_are_no_areas_on_8_0() -> None:
    told = ask(area(), t.get("8", f"{AREA}/AllowWiFi"))
    assert told.code("6") == "404"
    assert told.code("8") == "404"
