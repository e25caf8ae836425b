"""Who the device is and who the server is: challenges, digests, nonces (ets.md 3)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from mdmcore.records import AuthScheme
from mdmcore.server import ConfiguredAccount
from mdmcore.server.settings import ServerSettings
from tests.ets import text as t
from tests.ets.conftest import MakeBench
from tests.ets.device import DEVICE_ID, PROFILES, Bench, Device, queue, sent_commands, succeed
from tests.support.ets import SERVER

ets = pytest.mark.ets

NODE = "./Vendor/MSFT/DMClient/Provider/MDMProxy/EntDMID"
NONCES = [
    bytes.fromhex("003aff00ff3a0a0d00c32800feff2000"),
    b"\x00" * 16,
    b":" * 16,
    bytes(range(240, 256)),
]


def codes(answer: t.Message) -> list[str]:
    return [one.code for one in answer.statuses]


@ets("DMS-101", SERVER)
@pytest.mark.parametrize("profile", PROFILES)
def test_no_credentials_are_challenged_with_407(bench: Bench, profile: str) -> None:
    device = bench.enroll(profile)
    queue(bench, device, t.get("", NODE))
    answer = device.open(cred="", more=t.generic("4", "com.example/type"))
    assert codes(answer) == ["407"] * 4
    assert [one.cmd_ref for one in answer.statuses] == ["0", "2", "3", "4"]
    assert answer.commands == []
    assert answer.is_final
    assert len(answer.next_nonce) == 16


@ets("DMS-102", SERVER)
def test_wrong_credentials_get_401_and_a_new_nonce(bench: Bench, device: Device) -> None:
    queue(bench, device, t.get("", NODE))
    wrong = t.md5_cred(device.name, "not the secret", device.nonce)
    answer = device.open(cred=wrong)
    assert codes(answer) == ["401"] * 3
    assert answer.commands == []
    assert len(answer.next_nonce) == 16
    assert answer.next_nonce != device.nonce


@ets("DMS-103", SERVER)
def test_wrong_again_is_the_end(bench: Bench, device: Device) -> None:
    queue(bench, device, t.get("", NODE))
    wrong = t.md5_cred(device.name, "not the secret", device.nonce)
    device.open(cred=wrong)
    again = device.say(t.package_1(DEVICE_ID), cred=wrong, name=device.name)
    assert codes(again) == ["401"] * 3
    assert not again.has_chal
    assert again.commands == []
    # Closed: even what would have been right does not open this session any more.
    late = device.say(t.status("1", again.msg_id, "0", "SyncHdr", "200"))
    assert late.commands == []
    assert late.header_code in {"401", "407"}


@ets("DMS-104", SERVER)
@pytest.mark.parametrize("profile", PROFILES)
def test_right_basic_credentials(make_bench: MakeBench, profile: str) -> None:
    bench = make_bench(appsrv_scheme=AuthScheme.BASIC)
    device = bench.enroll(profile)
    queue(bench, device, t.get("", NODE))
    got = device.session(cred=t.basic_cred(device.name, device.secret))
    assert got[0].header_code == "212"
    assert sent_commands(got, "Get", NODE) == 1


@ets("DMS-104", SERVER)
def test_wrong_basic_credentials(make_bench: MakeBench) -> None:
    device = make_bench(appsrv_scheme=AuthScheme.BASIC).enroll()
    answer = device.open(cred=t.basic_cred(device.name, "not the secret"))
    assert answer.header_code == "401"


@ets("DMS-105", SERVER)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_right_digest_gets_212_and_the_next_nonce(bench: Bench, profile: str) -> None:
    device = bench.enroll(profile)
    used = device.nonce
    answer = device.open()
    assert answer.header_code == "212"
    assert answer.next_nonce not in {b"", used}
    assert answer.chal("Type") == "syncml:auth-md5"


@ets("DMX-106", SERVER)
def test_the_published_digest(make_bench: MakeBench) -> None:
    account = ConfiguredAccount(name="Bruce2", secret="OhBehave", scheme=AuthScheme.MD5)
    bench = make_bench(accounts=(account,))
    device = bench.enroll(device_id="IMEI:493005100592800")
    bench.nonce = b"Nonce"
    challenged = device.open(cred="", name="Bruce2")
    assert challenged.chal("NextNonce") == "Tm9uY2U="
    published = t.cred("md5", "Zz6EivR3yeaaENcRN6lpAQ==")
    body = t.package_1(device.device_id)
    answer = device.say(body, cred=published, name="Bruce2")
    assert answer.header_code == "212"


@ets("DMX-107", SERVER)
@pytest.mark.parametrize("nonce", NONCES)
def test_nonces_are_bytes_in_both_directions(bench: Bench, device: Device, nonce: bytes) -> None:
    bench.nonce = nonce
    device.fixed_nonce = nonce[::-1]
    for session_id in ("1", "2", "3"):
        first = device.session(session_id=session_id)[0]
        assert first.header_code == "212"
        if session_id != "1":
            assert first.header("Cred/Data") == device.server_digest(nonce[::-1])
    assert device.nonce == nonce


@ets("DMC-109", SERVER)
def test_the_nonce_of_212_is_for_the_next_session(bench: Bench, device: Device) -> None:
    old = device.nonce
    device.session(session_id="1")
    device.session(session_id="2")
    # Two steps behind is no lost answer any more.
    assert device.open(session_id="3", cred=device.cred(old)).header_code == "401"
    assert device.open(session_id="4").header_code == "212"


@ets("DMC-110", SERVER)
def test_200_with_a_challenge_asks_for_a_digest_in_the_next_message(device: Device) -> None:
    answer = device.open()
    nonces = [b"first for once..", b"second for once."]
    body = t.status("1", answer.msg_id, "0", "SyncHdr", "200", t.chal(nonces[0]))
    ids = iter(range(10, 999))
    body += "".join(succeed(command, answer.msg_id, ids) for command in answer.commands)
    following = device.say(body)
    assert following.header("Cred/Data") == device.server_digest(nonces[0])


@ets("DMS-111", SERVER)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_stale_nonce_recovers_in_one_step(bench: Bench, profile: str) -> None:
    device = bench.enroll(profile)
    device.session()
    refused = device.open(session_id="2", cred=device.cred(b"an old nonce"))
    assert refused.header_code == "401"
    fresh = device.cred(refused.next_nonce)
    taken = device.say(t.package_1(DEVICE_ID), cred=fresh, name=device.name)
    assert taken.header_code == "212"
    device.nonce = taken.next_nonce
    assert device.open(session_id="3").header_code == "212"


@ets("DMS-112", SERVER)
@pytest.mark.parametrize("profile", PROFILES)
def test_the_server_proves_itself_until_it_is_believed(bench: Bench, profile: str) -> None:
    device = bench.enroll(profile)
    for number in range(2):
        queue(bench, device, t.get("", f"./DevDetail/Ext/N{number}"))
    digest = device.server_digest()
    first, *rest = device.session()
    assert first.header("Cred/Data") == digest
    assert first.header("Cred/Meta/Type") == "syncml:auth-md5"
    assert first.header("Cred/Meta/Format") == "b64"
    assert first.header("Source/LocName") == device.provider_id
    assert rest
    assert not any(answer.has("Cred") for answer in rest)


@ets("DMS-113", SERVER)
@pytest.mark.parametrize("code", ["401", "407"])
def test_a_challenged_server_says_it_all_again_once(
    bench: Bench, device: Device, code: str
) -> None:
    job = queue(bench, device, t.get("", NODE))
    first = device.open()
    while first.find("Get", NODE) is None and first.commands:
        first = device.reply(first)
    wanted = [t.uris(command) for command in first.commands]

    def refused(command: ET.Element, ref: str, ids: object) -> str:
        number = str(next(ids))  # type: ignore[call-overload]
        return t.status(number, ref, t.text(command, "CmdID"), t.local(command), code)

    body = t.status("1", first.msg_id, "0", "SyncHdr", code, t.chal(b"another one here"))
    ids = iter(range(2, 999))
    body += "".join(refused(command, first.msg_id, ids) for command in first.commands)
    second = device.say(body)
    assert second.header("Cred/Data") == device.server_digest(b"another one here")
    assert [t.uris(command) for command in second.commands] == wanted
    body = t.status("1", second.msg_id, "0", "SyncHdr", code, t.chal(b"yet another one."))
    body += "".join(refused(command, second.msg_id, ids) for command in second.commands)
    third = device.say(body)
    assert third.work == []
    assert bench.rows("select id, state from queue") in (
        [{"id": job, "state": "queued"}],
        [{"id": job, "state": "failed"}],
    )


@ets("DMS-113", SERVER)
def test_after_the_second_proof_the_job_is_done(bench: Bench, device: Device) -> None:
    queue(bench, device, t.get("", NODE))
    first = device.open()
    body = t.status("1", first.msg_id, "0", "SyncHdr", "401", t.chal(b"another one here"))
    for number, command in enumerate(first.commands, start=2):
        name, ref = t.local(command), t.text(command, "CmdID")
        body += t.status(str(number), first.msg_id, ref, name, "401")
    got = [device.say(body)]
    assert got[0].commands
    while got[-1].commands:
        got.append(device.reply(got[-1]))
    assert sent_commands(got, "Get", NODE) == 1
    assert bench.rows("select state from queue") == [{"state": "done"}]


@ets("DMS-114", SERVER)
@pytest.mark.parametrize("profile", PROFILES)
def test_nonces_survive_restarts_and_many_sessions(bench: Bench, profile: str) -> None:
    device = bench.enroll(profile)
    for number in range(6):
        expected = device.server_digest()
        first = device.session(session_id=f"{number:X}")[0]
        assert first.header_code == "212"
        assert first.header("Cred/Data") == expected
        if number % 2:
            bench.restart()


@ets("DMX-116", SERVER)
@pytest.mark.parametrize("is_wrong", [True, False])
def test_a_nonce_from_nobody_known_is_not_kept(device: Device, is_wrong: bool) -> None:
    device.session()
    expected = device.server_digest()
    planted = t.status("1", "1", "0", "SyncHdr", "401", t.chal(b"planted by no one"))
    cred = device.cred(b"wrong") if is_wrong else ""
    answer = device.open(session_id="2", cred=cred, more=planted)
    assert answer.header_code in {"401", "407"}
    assert device.open(session_id="3").header("Cred/Data") == expected


@ets("DMX-117", SERVER)
def test_the_scheme_may_not_change_within_a_session(device: Device) -> None:
    answer = device.open()
    assert answer.header_code == "212"
    basic = t.basic_cred(device.name, device.secret)
    body = t.status("1", answer.msg_id, "0", "SyncHdr", "212", t.chal(b"g" * 16))
    changed = device.say(body, cred=basic, name=device.name)
    assert changed.header_code == "401"
    assert changed.work == []


@ets("DMX-118", SERVER)
def test_credentials_in_a_command_prove_nothing(device: Device) -> None:
    inside = f"<Alert><CmdID>4</CmdID>{device.cred()}<Data>1224</Data></Alert>"
    answer = device.open(cred="", more=inside)
    assert codes(answer) == ["407"] * 4


@ets("DMX-118", SERVER)
def test_credentials_in_a_command_are_refused_there(device: Device) -> None:
    inside = (
        f"<Replace><CmdID>4</CmdID>{device.cred()}"
        + t.item(source="./DevInfo/Man", data="X")
        + "</Replace>"
    )
    answer = device.open(more=inside)
    assert answer.header_code == "212"
    assert answer.code("4") == "400"


@ets("DMX-119", SERVER)
def test_a_challenge_is_complete(device: Device) -> None:
    for answer in (
        device.open(cred=""),
        device.open(session_id="2", cred=device.cred(b"wrong")),
        device.open(session_id="3"),
    ):
        assert answer.chal("Type") == "syncml:auth-md5"
        assert answer.chal("Format") == "b64"
        assert len(answer.next_nonce) >= 8


@ets("DMX-119", SERVER)
def test_a_challenge_for_basic_is_complete(make_bench: MakeBench) -> None:
    device = make_bench(appsrv_scheme=AuthScheme.BASIC).enroll()
    answer = device.open(cred="")
    assert (answer.chal("Type"), answer.chal("Format")) == ("syncml:auth-basic", "b64")


@ets("DMS-123", SERVER)
def test_each_device_has_secrets_of_its_own(bench: Bench) -> None:
    devices = [bench.enroll() for _ in range(4)]
    secrets = [device.server_secret for device in devices] + [d.secret for d in devices]
    assert len(set(secrets)) == 8
    assert len({device.name for device in devices}) == 4


@ets("DMS-124", SERVER)
def test_a_certificate_is_asked_for_and_a_digest_is_enough(make_bench: MakeBench) -> None:
    bench = make_bench(client_tls=True)
    assert bench.server.asks_client_certificate("mdm.example.test")
    device = bench.enroll()
    assert device.open(cred="").header_code == "407"
    assert device.open(session_id="2").header_code == "212"
    assert not ServerSettings(domains=("example.test",)).asks_client_certificate("mdm.example.test")
