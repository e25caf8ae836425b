"""What was accepted at enrolment and keeps the phone from ever opening a session."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.phone import EnrolledPhone, Refusal, run, sync
from mdmcore.phone.readiness import ready
from mdmcore.phone.version import DM_11, DM_12
from mdmcore.records import AuthScheme
from tests.phone.dm_script import script
from tests.phone.scripted import (
    DEVICE_ID,
    DEVICE_NONCE,
    DEVICE_SECRET,
    DEVICE_USER,
    DM_URL,
    SERVER_NONCE,
    SERVER_SECRET,
    assert_refusal,
    b64,
    enrolled,
    enrolled_with,
)
from tests.support.server import counted_random


def test_a_sound_document_is_ready() -> None:
    account = ready(enrolled())
    assert (account.addr, account.user, account.provider_id) == (DM_URL, DEVICE_USER, "ExampleMDM")
    assert (account.secret, account.server_secret) == (DEVICE_SECRET, SERVER_SECRET)
    assert account.scheme is AuthScheme.MD5
    assert "s3cr3t" not in repr(account)


_CLIENT = '<parm name="AAUTHLEVEL" value="CLIENT"/>'
_APPSRV = '<parm name="AAUTHLEVEL" value="APPSRV"/>'
_TYPE = '<parm name="AAUTHTYPE" value="DIGEST"/>'
_ADDR = f'name="ADDR" value="{DM_URL}"'

NEVER = [
    ([(_CLIENT, "")], "APPAUTH", "no APPAUTH with AAUTHLEVEL CLIENT"),
    ([(_APPSRV, "")], "APPAUTH", "no APPAUTH with AAUTHLEVEL APPSRV"),
    ([('type="APPAUTH"', 'type="AppAuth"')], "APPAUTH", "no APPAUTH"),
    ([(f'value="{SERVER_SECRET}"', 'value=""')], "AAUTHSECRET", "CLIENT account has no"),
    ([(f'value="{DEVICE_SECRET}"', "")], "AAUTHSECRET", "APPSRV account has no"),
    ([(f'value="{DEVICE_USER}"', 'value=""')], "AAUTHNAME", "no AAUTHNAME"),
    ([(b64(SERVER_NONCE), "nonce")], "AAUTHDATA", "AAUTHDATA of CLIENT is no base64"),
    ([(b64(DEVICE_NONCE), "nonce")], "AAUTHDATA", "AAUTHDATA of APPSRV is no base64"),
    (
        [(f'<parm name="AAUTHDATA" value="{b64(SERVER_NONCE)}"/>', "")],
        "AAUTHDATA",
        "AAUTHDATA of CLIENT is missing",
    ),
    (
        [(f"{_APPSRV}{_TYPE}", f'{_APPSRV}<parm name="AAUTHTYPE" value="MD5"/>')],
        "AAUTHTYPE",
        "BASIC",
    ),
    ([(_ADDR, 'name="ADDR" value="http://mdm.example.test/dm"')], "ADDR", "not https"),
    ([(_ADDR, 'name="ADDR" value="https://10.0.0.1/dm"')], "ADDR", "IP address"),
    ([("dm+xml", "ds+xml")], "DEFAULTENCODING", "speaks application/vnd.syncml.dm+xml and"),
    ([('"AuxNumRetries" value="5"', '"AuxNumRetries" value="0"')], "OmaDmRetry", "first set"),
    ([('"AuxRetryInterval" value="3"', '"AuxRetryInterval" value="0"')], "OmaDmRetry", "first set"),
]


@pytest.mark.parametrize(("changes", "place", "reason"), NEVER)
def test_enrols_but_never_opens_a_session(
    changes: list[tuple[str, str]], place: str, reason: str
) -> None:
    phone = enrolled_with(*changes)
    silent = script()
    with pytest.raises(Refusal) as caught:
        run(sync(phone, random=counted_random()), silent)
    assert_refusal(caught.value, "management", place, reason)
    assert silent.requests == []


def test_the_first_set_counts_only_until_the_first_session() -> None:
    phone: EnrolledPhone = enrolled_with(('"AuxNumRetries" value="5"', '"AuxNumRetries" value="0"'))
    assert ready(replace(phone, sessions=1)).addr == DM_URL


def test_basic_needs_no_nonce_of_its_own() -> None:
    phone = enrolled_with(
        (f"{_APPSRV}{_TYPE}", f'{_APPSRV}<parm name="AAUTHTYPE" value="BASIC"/>'),
        (f'<parm name="AAUTHDATA" value="{b64(DEVICE_NONCE)}"/>', ""),
    )
    assert ready(phone).scheme is AuthScheme.BASIC


def test_the_version_of_the_first_package() -> None:
    flag = '<parm name="BACKCOMPATRETRYDISABLED"/>'
    order = '<parm name="PROTOVER" value="{}"/>'
    usual, free = ready(enrolled()), ready(enrolled_with((flag, "")))
    assert (usual.version, usual.has_older_version) == (DM_12, False)
    assert (free.version, free.has_older_version) == (DM_12, True)
    oldest = ready(enrolled_with((flag, order.format("1.1"))))
    assert (oldest.version, oldest.has_older_version) == (DM_11, False)
    newest = ready(enrolled_with((flag, order.format("1.2"))))
    assert (newest.version, newest.has_older_version) == (DM_12, True)


def test_the_hardware_id_is_that_of_the_device_where_the_account_says_so() -> None:
    flag = '<parm name="BACKCOMPATRETRYDISABLED"/>'
    phone = enrolled_with((flag, '<parm name="USEHWDEVID"/>'))
    assert ready(phone).device_id == phone.settings.imei == phone.management_id
    assert ready(enrolled()).device_id == DEVICE_ID
