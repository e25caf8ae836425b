"""The DM account in the tree, and secrets that the server replaces."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from mdmcore.phone import EnrolledPhone, run, sync
from mdmcore.phone.readiness import ready
from mdmcore.phone.tree import DeviceTree
from mdmcore.phone.unenrollment import erased
from tests.phone.dm_script import (
    LAST,
    NEXT_NONCE,
    accepted,
    digest,
    get,
    reply,
    script,
    server_cred,
    status,
)
from tests.phone.scripted import (
    DEVICE_SECRET,
    DEVICE_USER,
    DM_URL,
    PROVIDER,
    SERVER_SECRET,
    enrolled,
)
from tests.phone.tree.trees import DM_CLIENT, phone_of
from tests.support.server import counted_random

# session.md 4.6: the uid for the provider ExampleMDM.
UID = "0x0000800cD7F80B8B769E8BD439F36F4F307661D0C9558C124F2EEB7FFAC1444F4F5BA197"
ACCOUNT = f"./SyncML/DMAcc/{UID}"
OWN = f"{ACCOUNT}/AppAuth/CLCRED"
SERVERS = f"{ACCOUNT}/AppAuth/SRVCRED"


def after(*changes: tuple[str, str, str], profile: str = "wp8") -> EnrolledPhone:
    """The phone after a session that has replaced these values."""
    phone = phone_of(profile)
    tree = DeviceTree(phone)
    for uri, value, format in changes:
        assert tree.replace(uri, value, format) == 200
    return tree.leave(phone)


@pytest.mark.parametrize(
    ("uri", "value"),
    [
        ("AppID", "w7"),
        ("ServerID", PROVIDER),
        ("Name", "Example Org"),
        ("AppAddr/1/Addr", DM_URL),
        ("AppAddr/1/AddrType", "URI"),
        ("AAuthPref", "DIGEST"),
        ("AppAuth/CLCRED/AAuthName", DEVICE_USER),
        ("AppAuth/CLCRED/AAuthType", "DIGEST"),
        ("AppAuth/SRVCRED/AAuthLevel", "SRVCRED"),
    ],
)
def test_the_account_can_be_read(uri: str, value: str) -> None:
    got = DeviceTree(phone_of()).get(f"{ACCOUNT}/{uri}")
    assert (got.code, got.value) == (200, value)


def test_a_phone_without_account_has_none_to_change() -> None:
    phone = erased(phone_of())
    assert DeviceTree(phone).leave(phone) == phone


def test_an_account_with_one_entry_shows_one() -> None:
    whole = phone_of()
    account = replace(whole.account, appauth=whole.account.appauth[:1])
    phone = replace(whole, account=account)
    tree = DeviceTree(phone)
    assert tree.get(f"{ACCOUNT}/AppAuth").value == "SRVCRED"
    assert tree.leave(phone) == phone


@pytest.mark.parametrize("branch", [OWN, SERVERS])
@pytest.mark.parametrize("name", ["AAuthSecret", "AAuthData"])
def test_its_secrets_cannot(branch: str, name: str) -> None:
    tree = DeviceTree(phone_of())
    assert name in tree.get(branch).value
    assert tree.get(f"{branch}/{name}").code == 405


def test_a_new_secret_counts_from_the_next_session() -> None:
    phone = after((f"{OWN}/AAuthSecret", "fresh", "chr"), (f"{OWN}/AAuthName", "dev-2", "chr"))
    account = ready(phone)
    assert (account.user, account.secret) == ("dev-2", "fresh")
    assert account.server_secret == SERVER_SECRET
    assert phone.written == ()
    assert DeviceTree(phone).value(f"{OWN}/AAuthName") == "dev-2"


def test_the_servers_secret_can_be_replaced_too() -> None:
    phone = after((f"{SERVERS}/AAuthSecret", "theirs", "chr"))
    account = ready(phone)
    assert (account.secret, account.server_secret) == (DEVICE_SECRET, "theirs")


def test_a_nonce_that_is_written_is_the_next_one() -> None:
    nonce = base64.b64encode(b"\0:\xff nonce").decode()
    phone = after((f"{OWN}/AAuthData", nonce, "b64"))
    assert phone.nonce_c2s == b"\0:\xff nonce"
    assert phone.nonce_s2c == phone_of().nonce_s2c
    again = after((f"{SERVERS}/AAuthData", nonce, "bin"))
    assert (again.nonce_c2s, again.nonce_s2c) == (phone_of().nonce_c2s, b"\0:\xff nonce")


@pytest.mark.parametrize(
    "uri", [f"{ACCOUNT}/AppAddr/1/Addr", f"{DM_CLIENT}/ManagementServiceAddress"]
)
def test_the_servers_address_can_be_changed(uri: str) -> None:
    phone = after((uri, "https://other.example.test/dm", "chr"))
    assert ready(phone).addr == "https://other.example.test/dm"
    tree = DeviceTree(phone)
    assert tree.value(f"{ACCOUNT}/AppAddr/1/Addr") == "https://other.example.test/dm"
    assert tree.value(f"{DM_CLIENT}/ManagementServiceAddress") == "https://other.example.test/dm"


def test_only_what_the_account_does_not_keep_is_written_apart() -> None:
    phone = after(
        (f"{ACCOUNT}/Name", "New name", "chr"),
        (f"{ACCOUNT}/AppAddr/1/AddrType", "IPv4", "chr"),
        (f"{OWN}/AAuthType", "BASIC", "chr"),
    )
    assert phone.account.name == "New name"
    assert [value.uri for value in phone.written] == [f"{ACCOUNT[2:]}/AppAddr/1/AddrType"]
    appsrv = phone.account.auth("APPSRV")
    assert appsrv is not None
    assert appsrv.type == "BASIC"


@pytest.mark.parametrize("uri", [f"{OWN}/AAuthType", f"{OWN}/AAuthLevel", f"{ACCOUNT}/AAuthPref"])
def test_words_that_the_account_does_not_know(uri: str) -> None:
    assert DeviceTree(phone_of()).replace(uri, "KERBEROS", "chr") == 500


def replace_secret(level: str, secret: str) -> str:
    return (
        "<Replace><CmdID>5</CmdID><Item><Target><LocURI>"
        f"{ACCOUNT}/AppAuth/{level}/AAuthSecret</LocURI></Target>"
        f"<Data>{secret}</Data></Item></Replace>"
    )


def test_secrets_that_a_session_replaces_are_used_in_the_next_one() -> None:
    """Own digests of both sides, by the formula: the old secrets to the session's end."""
    both = replace_secret("CLCRED", "fresh-cli") + replace_secret("SRVCRED", "fresh-srv").replace(
        "<CmdID>5<", "<CmdID>6<"
    )
    again = reply(status("SyncHdr", "0", "200") + get("7", f"{ACCOUNT}/AppAuth/CLCRED/AAuthSecret"))
    first = script(reply(accepted() + both, cred=server_cred()), again, LAST)
    phone = run(sync(enrolled(), random=counted_random()), first).phone
    assert [received.cred for received in first.received[1:]] == ["", ""]
    assert [code for _name, _ref, code in first.received[1].statuses()] == ["212", "200", "200"]
    assert first.received[2].statuses()[1] == ("Get", "7", "405")
    cred = server_cred(phone.nonce_s2c or b"", secret="fresh-srv")
    second = script(reply(accepted() + get("4", "./DevInfo/Man"), cred=cred), LAST)
    outcome = run(sync(phone, random=counted_random()), second)
    assert second.received[0].cred == digest(DEVICE_USER, "fresh-cli", NEXT_NONCE)
    assert outcome.is_server_authenticated
