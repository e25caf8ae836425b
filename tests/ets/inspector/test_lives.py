"""Rules that need more than one exchange: what came before, in this session or another."""

from __future__ import annotations

import pytest

from tests.ets import text as t
from tests.ets.exchange import (
    C2S_2,
    C2S_3,
    FIRST,
    GET,
    GOT,
    PACKAGE_1,
    S2C_2,
    Seen,
    accepted,
    asked,
    closing,
    device_cred,
    package_3,
    right_session,
    server_cred,
    statuses,
    told,
)
from tests.ets.inspector.test_alerts_and_objects import (
    PIECES,
    RIGHT,
    VALUE,
    download,
    opening,
    piece,
    upload,
)
from tests.ets.inspector.test_authentication import (
    BARE,
    INNER,
    PAIR,
    again,
    challenge,
    digest_of,
    taken,
)
from tests.ets.inspector.test_windows_phone import changed
from tests.support.ets import INSPECTOR
from tests.support.story import (
    CERT_CN,
    DEVICE_SECRET,
    NONCE_S2C,
    PROVIDER,
    SERVER_SECRET,
    document,
)

ets = pytest.mark.ets


@ets("DMS-022", INSPECTOR)
def test_commands_while_earlier_ones_have_no_status() -> None:
    two = GET + t.get("6", "./DevDetail/HwV")
    seen = Seen().opened(two)
    found = seen.sync(package_3(GOT), closing(body=t.get("7", "./DevDetail/FwV")))
    assert found == {"commands-before-previous-answered"}


@ets("DMC-108", INSPECTOR)
@pytest.mark.parametrize(
    "request_",
    [
        again(device_cred(C2S_2), session_id="1B"),
        again(device_cred(C2S_2), msg_id="5"),
    ],
)
def test_a_retry_in_another_session_or_with_another_id(request_: bytes) -> None:
    seen = Seen()
    seen.sync(BARE, challenge("407"))
    number = "5" if b"<MsgID>5" in request_ else "2"
    session = "1B" if b">1B<" in request_ else "1A"
    answer = taken(number, "6").replace(b">1A<", f">{session}<".encode())
    assert "retry-changed-session" in seen.sync(request_, answer)


@ets("DMS-113", INSPECTOR)
def test_more_challenges_than_one() -> None:
    seen = Seen()
    seen.sync(BARE, challenge("407"))
    seen.sync(again(device_cred(b"wrong")), challenge("401", nonce=C2S_3).replace(
        b"<MsgID>2", b"<MsgID>3").replace(b"<MsgRef>1", b"<MsgRef>2"))  # fmt: skip
    assert "challenge-loop" in seen.found


@ets("DMX-117", INSPECTOR)
def test_a_scheme_that_changes() -> None:
    seen = Seen()
    each = told(statuses("200", chal=t.chal(C2S_2)) + GET, cred=server_cred(), name=PROVIDER)
    seen.sync(FIRST, each)
    body = t.status("1", "2", "0", "SyncHdr", "212", t.chal(S2C_2)) + GOT
    changed = asked(body, "2", cred=t.basic_cred(CERT_CN, DEVICE_SECRET), name=CERT_CN)
    assert "auth-type-changed" in seen.sync(changed, closing())


@ets("DMX-117", INSPECTOR)
def test_a_scheme_that_was_not_asked_for() -> None:
    seen = Seen()
    seen.sync(BARE, challenge("407"))
    basic = again(t.basic_cred(CERT_CN, DEVICE_SECRET))
    assert "auth-type-changed" in seen.sync(basic, taken())


@ets("DMX-122", INSPECTOR)
def test_the_servers_digest_of_another_user() -> None:
    wrong = t.md5_cred(CERT_CN, SERVER_SECRET, NONCE_S2C)
    for name, rule in (
        (PROVIDER, "digest-user-not-provider-id"),
        (CERT_CN, "server-cred-copied-from-client"),
    ):
        assert Seen().sync(FIRST, accepted(GET, cred=wrong, name=name)) == {rule}


@ets("DMX-305", INSPECTOR)
def test_a_server_that_forgets_a_device_for_any_alert() -> None:
    seen = Seen()
    other = t.generic("4", "com.example/install.finished")
    seen.sync(opening(other), accepted(t.status("4", "1", "4", "Alert", "200")))
    refused = told(statuses("401", rest="401", chal=t.chal(b"z" * 16)), session_id="1B")
    following = asked(PACKAGE_1, cred=device_cred(C2S_2), name=CERT_CN, session_id="1B")
    assert "unenroll-by-code-only" in seen.sync(following, refused)


@ets("DMX-402", INSPECTOR)
def test_pieces_for_a_phone() -> None:
    assert download("wp8", *RIGHT) == {"large-object-on-phone"}


@ets("DMX-402", INSPECTOR)
def test_a_first_piece_without_size() -> None:
    found = download("win10", piece("5", PIECES[0]), *RIGHT[1:])
    assert "moredata-missing-size" in found


@ets("DMX-403", INSPECTOR)
@pytest.mark.parametrize("size", [len(VALUE) - 1, len(VALUE) + 1])
def test_a_size_that_does_not_agree(size: int) -> None:
    found = download("win10", piece("5", PIECES[0], size=size), *RIGHT[1:])
    assert "moredata-size-mismatch" in found


@ets("DMX-404", INSPECTOR)
def test_something_between_the_pieces() -> None:
    found = download("win10", RIGHT[0], t.get("9", "./DevDetail/HwV") + RIGHT[1], RIGHT[2])
    assert "moredata-interleaved-chunk" in found


@ets("DMX-401", INSPECTOR)
def test_an_upload_without_size() -> None:
    assert "moredata-missing-size" in upload("win10", size="")


@ets("DMX-403", INSPECTOR)
def test_an_upload_of_another_size() -> None:
    assert "moredata-size-mismatch" in upload("win10", size="7")


@ets("DMS-504", INSPECTOR)
def test_the_two_entries_must_not_be_swapped() -> None:
    assert Seen().sync(FIRST, accepted(GET, cred=server_cred())) == set()
    wrong = t.md5_cred(PROVIDER, DEVICE_SECRET, NONCE_S2C)
    found = Seen().sync(FIRST, accepted(GET, cred=wrong))
    assert found == {"appauth-levels-swapped"}


@ets("WP-608", INSPECTOR)
def test_a_fallback_to_dm_1_1_is_seen() -> None:
    seen = Seen(wap=changed(document(), '<parm name="BACKCOMPATRETRYDISABLED"/>', ""))
    broken = told(statuses("513", rest="513"))
    seen.sync(FIRST, broken)
    old = asked(
        PACKAGE_1,
        cred=device_cred(),
        name=CERT_CN,
        ver_dtd="1.1",
        ver_proto="DM/1.1",
        namespace="SYNCML:SYNCML1.1",
    )
    answer = accepted(
        GET, ver_dtd="1.1", ver_proto="DM/1.1", namespace="SYNCML:SYNCML1.1", msg_id="3"
    )
    assert "dm11-fallback-seen" in seen.sync(old, answer)
    assert "dm11-fallback-seen" not in right_session().found


@ets("WP-617", INSPECTOR)
@pytest.mark.parametrize("session_id", ["0", "1A"])
def test_a_server_that_fails_on_an_id(session_id: str) -> None:
    seen = Seen()
    for _ in range(2):
        opening = asked(PACKAGE_1, cred=device_cred(), name=CERT_CN, session_id=session_id)
        seen.sync(opening, b"", status=500)
    decimal = asked(PACKAGE_1, cred=device_cred(), name=CERT_CN, session_id="12")
    seen.sync(decimal, accepted(GET, session_id="12"))
    assert "sessionid-parsed-as-int" in seen.found


@ets("DMS-112", INSPECTOR)
@ets("WP-603", INSPECTOR)
@pytest.mark.parametrize(
    ("cred", "rule"),
    [
        (t.md5_cred(CERT_CN, SERVER_SECRET, NONCE_S2C), "digest-user-not-provider-id"),
        (t.md5_cred(PROVIDER, DEVICE_SECRET, NONCE_S2C), "appauth-levels-swapped"),
        (digest_of(INNER, b":", t.b64(NONCE_S2C).encode()), "digest-nonce-not-decoded"),
        (digest_of(PAIR.hex().encode(), b":", NONCE_S2C), "digest-inner-hash-hex"),
        (digest_of(PAIR, b":", NONCE_S2C), "digest-inner-hash-raw"),
        (digest_of(INNER, b"", NONCE_S2C), "digest-missing-colon"),
    ],
)  # fmt: skip
def test_the_servers_proof_is_wrong(cred: str, rule: str) -> None:
    assert rule in Seen().sync(FIRST, accepted(GET, cred=cred))


@ets("DMX-306", INSPECTOR)
def test_an_unenroll_for_another_provider() -> None:
    exec_ = t.execute("6", "./Vendor/MSFT/DMClient/Unenroll", "Other")
    assert "unenroll-wrong-providerid" in Seen().sync(FIRST, accepted(exec_))
