"""Days of a device on a virtual clock, against a server by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from mdmcore.http import Request, Response
from mdmcore.phone import EnrolledPhone, Keyring, NoAnswer, run
from mdmcore.phone.life import Life, VirtualClock, live, refresh
from mdmcore.phone.timeline import EventKind
from tests.phone.device.packages import Files, xap
from tests.phone.device.test_enterprise_apps import DOWNLOAD, URL
from tests.phone.device.trees import MSFT, device_of
from tests.phone.dm_script import Received, reply, server_cred, status
from tests.phone.dm_script import accepted as statuses
from tests.phone.scripted import DEVICE_ID, DM_URL, PROVIDER, enrolled_with
from tests.support.keys import load_key
from tests.support.server import NOW, counted_random

NOTHING = ""


@dataclass
class Server:
    """Answers sessions by hand: the first ones with these commands, one string a session.

    It believes any device, and proves itself with the nonce that it was given last.
    """

    orders: list[str] = field(default_factory=list)
    files: Files = field(default_factory=Files)
    is_down: Callable[[], bool] = lambda: False
    sessions: list[str] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    nonce: bytes | None = None

    def __call__(self, request: Request) -> Response:
        if request.url != DM_URL:
            return self.files(request)
        if self.is_down():
            raise NoAnswer("connection refused")
        received = Received.of(request)
        self.received.append(received)
        challenge = received.challenge()
        if challenge is not None:
            self.nonce = challenge
        if received.msg_id != "1":
            return reply(status("SyncHdr", "0", "200"))(received)
        self.sessions.append(received.header("SessionID"))
        commands = self.orders.pop(0) if self.orders else NOTHING
        cred = server_cred() if self.nonce is None else server_cred(self.nonce)
        return reply(statuses() + commands, cred=cred)(received)


def lived(
    phone: EnrolledPhone, server: Server, *, clock: VirtualClock | None = None, **span: float
) -> Life:
    clock = clock or VirtualClock(NOW)
    until = clock.now + timedelta(**span)
    random = counted_random("life")
    return run(live(phone, clock=clock, until=until, random=random), server)


def lines(life: Life, *kinds: EventKind) -> list[tuple[int, str]]:
    """Minutes since enrolment and text of the events of these kinds."""
    return [
        (int((event.at - NOW) / timedelta(minutes=1)), event.text)
        for event in life.events
        if event.kind in kinds
    ]


def times(life: Life, kind: EventKind = EventKind.SESSION) -> list[int]:
    return [minute for minute, _text in lines(life, kind)]


def execute(uri: str, data: str = "", format: str = "chr") -> str:
    content = f"<Data>{data}</Data>" if data else ""
    meta = f'<Meta><Format xmlns="syncml:metinf">{format}</Format></Meta>'
    return (
        f"<Exec><CmdID>50</CmdID><Item><Target><LocURI>{uri}</LocURI></Target>"
        f"{meta}{content}</Item></Exec>"
    )


def add(cmd_id: str, uri: str, data: str, format: str = "chr", command: str = "Add") -> str:
    meta = f'<Meta><Format xmlns="syncml:metinf">{format}</Format></Meta>'
    return (
        f"<{command}><CmdID>{cmd_id}</CmdID><Item><Target><LocURI>{uri}</LocURI></Target>"
        f"{meta}<Data>{data}</Data></Item></{command}>"
    )


ORDER = (
    "<Atomic><CmdID>40</CmdID>"
    + add("41", f"{DOWNLOAD}/Name", "Expenses")
    + add("42", f"{DOWNLOAD}/URL", URL)
    + add("43", f"{DOWNLOAD}/Version", "1.0.0.0")
    + add("44", f"{DOWNLOAD}/DownloadInstall", "0", "int")
    + execute(f"{DOWNLOAD}/DownloadInstall", "0", "int")
    + "</Atomic>"
)


def test_sessions_come_by_the_schedule() -> None:
    server = Server()
    life = lived(device_of("wp8"), server, hours=25)
    assert times(life) == [0, 480, 960, 1440]
    assert server.sessions == ["1", "2", "3", "4"]
    assert life.phone.sessions == 4


def test_the_next_stretch_goes_on_where_the_last_one_ended() -> None:
    server, clock = Server(), VirtualClock(NOW)
    life = lived(device_of("wp8"), server, clock=clock, hours=4)
    assert clock.now == NOW + timedelta(hours=4)
    life = lived(life.phone, server, clock=clock, hours=5)
    assert times(life) == [480]


def test_without_an_answer_it_tries_again_and_then_by_its_schedule() -> None:
    server, clock = Server(), VirtualClock(NOW)
    server.is_down = lambda: clock.now < NOW + timedelta(minutes=5)
    life = lived(device_of("wp8"), server, clock=clock, hours=9)
    refusals = lines(life, EventKind.REFUSAL)
    assert len(refusals) == 8
    assert "connection refused" in refusals[0][1]
    waits = [int((event.at - NOW).total_seconds()) for event in life.events[:4]]
    assert waits == [0, 16, 48, 112]
    assert times(life) == [6, 486]


def test_a_phone_that_never_reaches_its_server_gives_up() -> None:
    server = Server(is_down=lambda: True)
    life = lived(device_of("wp8"), server, days=30)
    assert times(life) == []
    assert max(times(life, EventKind.REFUSAL)) < 5 * 3 + 8 * 60 + 2
    server.is_down = lambda: False
    clock = VirtualClock(NOW + timedelta(days=30))
    refreshed = run(refresh(life.phone, clock=clock, random=counted_random("user")), server)
    assert len(times(refreshed)) == 1
    again = lived(refreshed.phone, server, clock=clock, hours=9)
    assert len(times(again)) >= 1


def test_an_app_is_fetched_between_two_sessions() -> None:
    server = Server(orders=[ORDER], files=Files({URL: xap()}))
    life = lived(device_of("wp8"), server, hours=1)
    assert lines(life, EventKind.APP) == [(1, "Expenses 1.0.0.0 is installed")]
    work = [text.partition("} ")[2] for _at, text in lines(life, EventKind.WORK)]
    assert work == [
        "queued (1)",
        "downloading (2)",
        "downloaded (3)",
        "installing (4)",
        "installed (5)",
    ]
    codes = [code for name, _ref, code in server.received[1].statuses() if name != "SyncHdr"]
    assert codes == ["200", "200", "200", "200", "200", "202"]


def test_a_wipe_is_accepted_and_then_there_is_silence() -> None:
    server = Server(orders=[NOTHING, execute(f"{MSFT}/RemoteWipe/doWipe")])
    life = lived(device_of("wp8"), server, days=30)
    assert times(life) == [0, 480]
    assert server.received[-1].statuses()[-1] == ("Exec", "50", "200")
    assert lines(life, EventKind.WIPE)[0][0] == 480
    assert life.events[-1].kind is EventKind.WIPE
    assert life.phone.is_unenrolled
    again = lived(life.phone, server, clock=VirtualClock(NOW + timedelta(days=30)), days=30)
    assert again.events == ()


def test_a_wipe_counts_even_when_the_session_then_goes_wrong() -> None:
    server = Server(orders=[execute(f"{MSFT}/RemoteWipe/doWipe")])

    def answered(request: Request) -> Response:
        if len(server.received) == 1:
            return Response(status=500, body=b"")
        return server(request)

    until = NOW + timedelta(days=1)
    leg = live(
        device_of("wp8"), clock=VirtualClock(NOW), until=until, random=counted_random("life")
    )
    life = run(leg, answered)
    assert life.phone.is_unenrolled
    assert [event.kind for event in life.events] == [EventKind.WIPE, EventKind.REFUSAL]


def test_unenrolling_ends_it() -> None:
    server = Server(orders=[execute(f"{MSFT}/DMClient/Unenroll", PROVIDER)])
    life = lived(device_of("wp8"), server, days=30)
    assert life.phone.is_unenrolled
    assert lines(life, EventKind.UNENROLLED)
    assert set(server.sessions) <= {"1", "2"}


def test_a_lock_and_a_ring_are_seen() -> None:
    orders = execute(f"{MSFT}/RemoteLock/Lock") + execute(f"{MSFT}/RemoteRing/Ring").replace(
        ">50<", ">51<"
    )
    server = Server(orders=[orders, orders])
    life = lived(device_of("wp81", pin="4711"), server, minutes=20)
    assert lines(life, EventKind.LOCK, EventKind.RING) == [
        (0, "locked"),
        (0, "rings"),
        (15, "locked"),
        (15, "rings"),
    ]


def test_the_user_sets_a_pin_where_policies_demand_one() -> None:
    lock = f"{MSFT}/DeviceLock/Provider/{PROVIDER}"
    orders = add("41", f"{lock}/DevicePasswordEnabled", "0", "int") + add(
        "42", f"{lock}/MinDevicePasswordLength", "6", "int"
    )
    life = lived(device_of("wp8"), Server(orders=[orders]), hours=1)
    assert len(life.phone.device.pin) == 6
    assert life.phone.device.pin not in "".join(event.text for event in life.events)
    assert [event.kind for event in life.events].count(EventKind.PIN) == 1


def test_another_schedule_is_followed_from_then_on() -> None:
    poll = f"{MSFT}/DMClient/Provider/{PROVIDER}/Poll"
    orders = "".join(
        add(str(41 + number), f"{poll}/{name}", value, "int", "Replace")
        for number, (name, value) in enumerate(
            {
                "NumberOfFirstRetries": "2",
                "IntervalForFirstSetOfRetries": "7",
                "NumberOfSecondRetries": "0",
                "IntervalForSecondSetOfRetries": "0",
                "IntervalForRemainingScheduledRetries": "100",
            }.items()
        )
    )
    life = lived(device_of("wp81"), Server(orders=[orders]), minutes=220)
    assert times(life) == [0, 7, 14, 114, 214]
    assert lines(life, EventKind.SCHEDULE)[0][0] == 0


def test_after_a_restart_the_session_is_0() -> None:
    server = Server(orders=[execute(f"{MSFT}/Reboot/RebootNow")])
    life = lived(device_of("win10", device_id=DEVICE_ID), server, minutes=40)
    assert server.sessions[:3] == ["1", "0", "1"]
    assert lines(life, EventKind.RESTART) == [(0, "restarts")]


def test_a_push_channel_is_renewed_with_a_session() -> None:
    uri = f"{MSFT}/DMClient/Provider/{PROVIDER}/Push/PFN"
    server = Server(orders=[add("41", uri, "Example.Company_1a2b3c4d5e6f7")])
    life = lived(device_of("wp81"), server, days=16)
    pushes = times(life, EventKind.PUSH)
    assert pushes == [0, 15 * 24 * 60]
    assert 15 * 24 * 60 in times(life)


def test_a_certificate_that_cannot_be_renewed_does_not_stop_the_rest() -> None:
    phone = enrolled_with(('<parm name="EntDMID" value="DEVICE-0001" datatype="string"/>', ""))
    keys = Keyring(lambda _bits: load_key("device"))
    clock = VirtualClock(NOW)
    leg = live(
        phone, clock=clock, until=NOW + timedelta(hours=9), random=counted_random("life"), keys=keys
    )
    life = run(leg, Server())
    assert times(life) == [0, 480]
    assert lines(life, EventKind.REFUSAL) == []


@pytest.mark.parametrize("days", [0, 1])
def test_the_clock_never_goes_back(days: int) -> None:
    clock = VirtualClock(NOW)
    clock.move_to(NOW - timedelta(days=days))
    assert clock() == NOW
