"""Leaving: on the server's word and on the user's, told or untold, and nothing left."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lxml import etree

from mdmcore.http import Request, Response
from mdmcore.phone import (
    EnrolledPhone,
    NoAnswer,
    Refusal,
    SessionOutcome,
    download_hub,
    identity_of,
    run,
    sync,
    unenroll,
)
from mdmcore.profiles import PROFILES
from tests.phone.dm_script import (
    FIRST,
    GET_SWV,
    LAST,
    NEXT_NONCE,
    DmScript,
    Received,
    Turn,
    accepted,
    chal,
    digest,
    get,
    reply,
    script,
    server_cred,
    status,
)
from tests.phone.renewing import enrolled_for
from tests.phone.scripted import DEVICE_ID, DEVICE_SECRET, DEVICE_USER, PROVIDER, answer
from tests.support.requirements import shared_file
from tests.support.server import FixedClock, counted_random

OLD = "./Vendor/MSFT/DMClient/Unenroll"
NEW = f"./Vendor/MSFT/DMClient/Provider/{PROVIDER}/Unenroll"
ALERT_TYPE = "com.microsoft:mdm.unenrollment.userrequest"
CLOCK = FixedClock()


def enrolled_as(profile: str, **settings: object) -> EnrolledPhone:
    # The scripted DM server speaks to one device id.
    return enrolled_for(profile, device_id=DEVICE_ID, **settings).phone  # type: ignore[arg-type]


def execute(uri: str, data: str | None = PROVIDER, cmd_id: str = "4") -> str:
    text = "" if data is None else f"<Data>{data}</Data>"
    return (
        f"<Exec><CmdID>{cmd_id}</CmdID><Item><Target><LocURI>{uri}</LocURI></Target>"
        f'<Meta><Format xmlns="syncml:metinf">chr</Format></Meta>{text}</Item></Exec>'
    )


def told(command: str) -> Turn:
    """Package 2 with that command."""
    return reply(accepted() + command, cred=server_cred())


def talk(server: Callable[[Request], Response], phone: EnrolledPhone) -> SessionOutcome:
    return run(sync(phone, random=counted_random(), clock=CLOCK), server)


def alerts(received: Received) -> list[tuple[str | None, str | None, str | None, str | None]]:
    """Code, type, format and data of each alert, whatever else stands in the message."""
    return [
        (
            alert.findtext("{*}Data"),
            alert.findtext(".//{syncml:metinf}Type"),
            alert.findtext(".//{syncml:metinf}Format"),
            alert.findtext("{*}Item/{*}Data"),
        )
        for alert in received.root.iter("{SYNCML:SYNCML1.2}Alert")
    ]


REPORT: list[tuple[str | None, str | None, str | None, str | None]] = [
    ("1201", None, None, None),
    ("1226", ALERT_TYPE, "int", "1"),
]
LOGIN: tuple[str | None, str | None, str | None, str | None] = (
    "1224",
    "com.microsoft/MDM/LoginStatus",
    None,
    "user",
)


def report_of(profile: str) -> list[tuple[str | None, str | None, str | None, str | None]]:
    """In the capture of a PC the alert stands third, behind the login status."""
    return [REPORT[0], LOGIN, REPORT[1]] if profile.startswith("win") else REPORT


def assert_nothing_left(phone: EnrolledPhone) -> None:
    assert phone.is_unenrolled
    assert (phone.certificates, phone.key_sha256, phone.hub) == ((), "", None)
    assert phone.account.appauth == ()
    assert (phone.account.addr, phone.nonce_c2s, phone.nonce_s2c) == (None, None, None)
    assert all(one.is_off for one in phone.schedule.sets)
    assert phone.written == ()
    assert "s3cr3t" not in repr(phone)
    with pytest.raises(Refusal, match="not enrolled any more"):
        talk(_nobody, phone)
    with pytest.raises(Refusal):
        run(download_hub(phone), _nobody)


def _nobody(_request: Request) -> Response:
    raise AssertionError("a request was sent")


# --- the server's word --------------------------------------------------------------------------


@pytest.mark.parametrize("uri", [OLD, NEW])
@pytest.mark.parametrize("profile", list(PROFILES))
def test_the_server_ends_it(profile: str, uri: str) -> None:
    """No Status for the Exec; a new session with the alert where the device reports at all."""
    reports = PROFILES[profile].reports_unenrollment
    server = script(told(execute(uri)), *([LAST] if reports else []))
    outcome = talk(server, enrolled_as(profile))
    assert outcome.is_unenrolled
    assert [(one.name, one.code) for one in outcome.executed] == [("Exec", 200)]
    assert (outcome.messages, outcome.is_server_authenticated) == (1, True)
    assert_nothing_left(outcome.phone)
    assert not any(received.statuses() for received in server.received)
    if reports:
        report = server.received[1]
        assert (report.header("SessionID"), report.msg_id) == ("2", "1")
        assert alerts(report) == report_of(profile)
        # With the nonce that the 212 of the first session handed out.
        assert report.cred == digest(DEVICE_USER, DEVICE_SECRET, NEXT_NONCE)


def test_the_report_is_a_valid_first_package() -> None:
    server = script(told(execute(NEW)), LAST)
    talk(server, enrolled_as("wp81"))
    schema = etree.RelaxNG(
        etree.parse(str(shared_file("schemas", "rng", "oma-dm-1.2-windows.rng")))
    )
    schema.assertValid(etree.fromstring(server.requests[1].body or b""))
    assert server.received[1].commands() == ["Alert", "Alert", "Replace", "Final"]
    identity = identity_of(server.requests[1])
    assert identity is not None


@pytest.mark.parametrize(
    ("profile", "data", "code"),
    [
        ("wp8", None, 412),
        ("wp8", "", 412),
        ("wp81", None, 412),
        ("wp8", "Other", 400),
        ("wp81", "Other", 400),
        ("wp81", PROVIDER.lower(), 400),
    ],
)
def test_a_phone_wants_its_provider_id(profile: str, data: str | None, code: int) -> None:
    server = script(told(execute(OLD, data)), LAST)
    outcome = talk(server, enrolled_as(profile))
    assert not outcome.is_unenrolled
    assert [one.code for one in outcome.executed] == [code]
    assert server.received[1].statuses() == [("SyncHdr", "0", "212"), ("Exec", "4", str(code))]
    assert outcome.phone.certificates


@pytest.mark.parametrize("data", [None, "", "Other", PROVIDER])
@pytest.mark.parametrize("profile", ["win81", "win10"])
def test_a_pc_does_not_look_at_it(profile: str, data: str | None) -> None:
    assert talk(script(told(execute(NEW, data)), LAST), enrolled_as(profile)).is_unenrolled


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("./Vendor/MSFT/DMClient/Provider/Other/Unenroll", 404),
        ("./Vendor/MSFT/DMClient/Provider", 405),
        ("./Vendor/MSFT/DMClient/unenroll", 404),
    ],
)
def test_another_node_is_not_executed(uri: str, code: int) -> None:
    outcome = talk(script(told(execute(uri)), LAST), enrolled_as("win10"))
    assert (outcome.is_unenrolled, outcome.executed[0].code) == (False, code)


def test_what_stands_behind_it_is_not_done_what_stood_before_was() -> None:
    uri = f"./Vendor/MSFT/DMClient/Provider/{PROVIDER}/EntDMID"
    replace = (
        f"<Replace><CmdID>{{}}</CmdID><Item><Target><LocURI>{uri}</LocURI></Target>"
        "<Data>x</Data></Item></Replace>"
    )
    commands = replace.format(4) + execute(NEW, cmd_id="5") + replace.format(6) + get("7", uri)
    outcome = talk(script(told(commands), LAST), enrolled_as("win10"))
    assert [(one.name, one.cmd_id) for one in outcome.executed] == [("Replace", "4"), ("Exec", "5")]
    container = f"<Sequence><CmdID>3</CmdID>{commands}</Sequence>"
    outcome = talk(script(told(container), LAST), enrolled_as("win10"))
    assert outcome.is_unenrolled
    assert [one.cmd_id for one in outcome.executed] == ["3", "4", "5"]


def test_a_server_that_does_not_prove_itself_ends_nothing() -> None:
    stranger = reply(accepted() + execute(OLD), cred=server_cred(secret="wrong"))
    again = reply(status("SyncHdr", "0", "200"), cred=server_cred(secret="wrong"))
    with pytest.raises(Refusal) as caught:
        talk(script(stranger, again, again), enrolled_as("wp8"))
    assert caught.value.phone is not None
    assert not caught.value.phone.is_unenrolled


def test_a_work_account_ignores_it() -> None:
    server = script(told(execute(NEW)), LAST)
    outcome = talk(server, enrolled_as("win10", ignores_unenroll=True))
    assert not outcome.is_unenrolled
    assert server.received[1].statuses()[1] == ("Exec", "4", "200")
    assert talk(script(FIRST, LAST), enrolled_as("win10")).phone.certificates


# --- the user's wish ----------------------------------------------------------------------------


def leave(phone: EnrolledPhone, server: Callable[[Request], Response]) -> EnrolledPhone:
    return run(unenroll(phone, random=counted_random(), clock=CLOCK), server)


@pytest.mark.parametrize("profile", ["wp81", "win81", "win10"])
def test_the_user_leaves_and_the_server_is_told(profile: str) -> None:
    server = script(LAST)
    assert_nothing_left(leave(enrolled_as(profile), server))
    (report,) = server.received
    assert (report.header("SessionID"), report.msg_id) == ("1", "1")
    assert alerts(report) == report_of(profile)
    assert report.cred


def test_windows_phone_8_says_nothing() -> None:
    assert_nothing_left(leave(enrolled_as("wp8"), _nobody))


def test_a_challenge_is_answered_with_the_alert_once_more() -> None:
    nonce = bytes(range(100, 116))
    asks = reply(accepted("407", inner=chal(nonce)))
    server = script(asks, LAST)
    assert_nothing_left(leave(enrolled_as("win10", sends_cred_first=False), server))
    first, second = server.received
    assert (first.cred, alerts(first)) == ("", report_of("win10"))
    assert second.cred == digest(DEVICE_USER, DEVICE_SECRET, nonce)
    assert alerts(second) == report_of("win10")
    assert second.statuses() == [("SyncHdr", "0", "200")]
    # A second challenge is not.
    assert_nothing_left(leave(enrolled_as("win10"), script(asks, asks)))


@pytest.mark.parametrize(
    "turn",
    [
        FIRST,
        reply(accepted() + GET_SWV),
        reply(""),
        reply(status("SyncHdr", "0", "500")),
        reply(accepted(), msg_id="x"),
        lambda _received: answer("no", "text/plain", 503),
        lambda _received: answer("", "application/vnd.syncml.dm+xml"),
        lambda _received: answer("<SyncML>", "application/vnd.syncml.dm+xml"),
    ],
    ids=["commands", "no cred", "no status", "500", "msgid", "503", "empty", "broken"],
)
def test_whatever_the_server_says_it_is_said_once(turn: Turn) -> None:
    server = script(turn)
    assert_nothing_left(leave(enrolled_as("win10"), server))
    assert len(server.received) == 1


def test_without_an_answer_the_device_leaves_all_the_same() -> None:
    asked: list[Request] = []

    def silent(request: Request) -> Response:
        asked.append(request)
        raise NoAnswer("unreachable")

    assert_nothing_left(leave(enrolled_as("wp81"), silent))
    assert len(asked) == 1


def test_a_phone_that_never_opens_a_session_just_leaves() -> None:
    phone = enrolled_for("wp81", ('<parm name="AAUTHLEVEL" value="CLIENT"/>', "")).phone
    assert_nothing_left(leave(phone, _nobody))


def test_leaving_twice_says_nothing_twice() -> None:
    gone = leave(enrolled_as("wp81"), script(LAST))
    assert leave(gone, _nobody) == gone


def test_a_session_without_unenroll_is_none() -> None:
    server: DmScript = script(FIRST, LAST)
    assert not talk(server, enrolled_as("wp81")).is_unenrolled
