"""What the inspector finds about the Windows Phone profile (ets.md 8)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.ets import text as t
from tests.ets import wbxml
from tests.ets.exchange import (
    FIRST,
    GET,
    GOT,
    PACKAGE_1,
    Seen,
    accepted,
    asked,
    closing,
    device_cred,
    package_3,
    server_cred,
    statuses,
    told,
)
from tests.support.ets import INSPECTOR
from tests.support.story import (
    CERT_CN,
    PROVIDER,
    Story,
    document,
    rules_of,
)

ets = pytest.mark.ets


def about(wap: bytes, profile: str = "wp8") -> set[str]:
    """The rules that speak about an enrolment with that document."""
    story = Story(profile)
    story.discover()
    story.policies()
    return rules_of(story.enroll(wap).findings)


def changed(wap: bytes, old: str, new: str) -> bytes:
    """The document with text replaced, which must be there."""
    assert old.encode() in wap, wap.decode()
    return wap.replace(old.encode(), new.encode())


def number_of(wap: bytes, name: str) -> str:
    """The parm of that name as it stands."""
    start = wap.index(f'<parm name="{name}"'.encode())
    return wap[start : wap.index(b">", start) + 1].decode()


def with_value(wap: bytes, name: str, value: int) -> bytes:
    """The document with another number there."""
    parm = number_of(wap, name)
    return wap.replace(parm.encode(), re.sub('value="[^"]*"', f'value="{value}"', parm).encode())


@ets("WP-601", INSPECTOR)
@pytest.mark.parametrize("name", ["AuxRetryInterval", "AuxNumRetries"])
def test_a_first_set_of_zero(name: str) -> None:
    right = document()
    assert about(right) == set()
    assert "omadmretry-first-set-zero" in about(with_value(right, name, 0))


@ets("DMS-504", INSPECTOR)
@ets("WP-602", INSPECTOR)
@pytest.mark.parametrize("level", ["APPSRV", "CLIENT"])
def test_an_entry_is_missing(level: str) -> None:
    right = document()
    wrong = changed(right, f'name="AAUTHLEVEL" value="{level}"', 'name="AAUTHLEVEL" value="OTHER"')
    assert "appauth-entry-missing" in about(wrong)


@ets("DMS-504", INSPECTOR)
@ets("WP-602", INSPECTOR)
def test_client_is_not_digest() -> None:
    right = document().decode()
    at = right.index('value="CLIENT"')
    start = right.rindex("<characteristic", 0, at)
    end = right.index("</characteristic>", at)
    entry = right[start:end]
    wrong = right.replace(entry, entry.replace('"DIGEST"', '"BASIC"')).encode()
    assert "appauth-client-not-digest" in about(wrong)


@ets("WP-603", INSPECTOR)
def test_the_servers_first_message_without_its_digest() -> None:
    assert Seen().sync(FIRST, accepted(GET)) == set()
    assert Seen().sync(FIRST, accepted(GET, cred="")) == {"missing-server-cred"}


@ets("WP-604", INSPECTOR)
@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81", "win10"])
def test_200_instead_of_212(profile: str) -> None:
    assert Seen(profile).sync(FIRST, accepted(GET)) == set()
    wrong = told(statuses("200") + GET, cred=server_cred(), name=PROVIDER)
    assert Seen(profile).sync(FIRST, wrong) == {"missing-212"}


@ets("WP-606", INSPECTOR)
def test_no_ent_dmid() -> None:
    right = document()
    assert about(right) == set()
    without = changed(right, number_of(right, "EntDMID"), "")
    assert "entdmid-missing" in about(without)


@ets("WP-607", INSPECTOR)
def test_counts_that_are_all_zero() -> None:
    wap = document()
    for name in ("AuxNumRetries", "NumRetries", "Aux2NumRetries", "AuxRetryInterval",
                 "RetryInterval", "Aux2RetryInterval"):  # fmt: skip
        wap = with_value(wap, name, 0)
    assert "poll-all-zero" in about(wap)


@ets("WP-607", INSPECTOR)
def test_two_sets_without_an_end() -> None:
    wap = with_value(with_value(document(), "NumRetries", 0), "RetryInterval", 60)
    wap = with_value(with_value(wap, "Aux2NumRetries", 0), "Aux2RetryInterval", 480)
    assert "poll-two-infinite" in about(wap)


@ets("WP-607", INSPECTOR)
def test_no_long_run() -> None:
    wap = with_value(with_value(document(), "Aux2NumRetries", 0), "Aux2RetryInterval", 0)
    assert "omadmretry-periodic-missing" in about(wap)


@ets("WP-609", INSPECTOR)
def test_source_and_dev_id_are_one() -> None:
    hardware = "IMEI:490154203237518"
    right = asked(t.package_1(hardware), cred=device_cred(), name=CERT_CN, source=hardware)
    assert Seen().sync(right, accepted(GET, target=hardware)) == set()
    wrong = asked(PACKAGE_1, cred=device_cred(), name=CERT_CN, source=hardware)
    assert Seen().sync(wrong, accepted(GET, target=hardware)) == {"device-source-ne-devid"}


@ets("WP-610", INSPECTOR)
def test_wbxml_throughout() -> None:
    wap = changed(document(), f'name="DEFAULTENCODING" value="{t.XML_TYPE}"',
                  f'name="DEFAULTENCODING" value="{t.WBXML_TYPE}"')  # fmt: skip
    seen = Seen(wap=wap)
    kinds: Any = {"sent_as": t.WBXML_TYPE, "answered_as": t.WBXML_TYPE}
    assert seen.post(wbxml.encode(FIRST), wbxml.encode(accepted(GET)), **kinds) == set()
    assert seen.post(wbxml.encode(package_3(GOT)), closing(), **kinds) == {"encoding-mismatch"}


@ets("WP-617", INSPECTOR)
@pytest.mark.parametrize("session_id", ["0", "1A", "FFFF", "00"])
def test_session_ids_are_text(session_id: str) -> None:
    opening = asked(PACKAGE_1, cred=device_cred(), name=CERT_CN, session_id=session_id)
    assert Seen().sync(opening, accepted(GET, session_id=session_id)) == set()
    other = {"0": "00", "1A": "1a", "FFFF": "65535", "00": "0"}[session_id]
    assert Seen().sync(opening, accepted(GET, session_id=other)) == {"sessionid-not-echoed"}


@ets("WP-608", INSPECTOR)
def test_a_device_that_keeps_to_its_version_has_no_finding() -> None:
    """BACKCOMPATRETRYDISABLED: after a failure it is 1.2 once more."""
    seen = Seen()
    seen.sync(FIRST, told(statuses("513", rest="513")))
    following = asked(PACKAGE_1, cred=device_cred(), name=CERT_CN, session_id="1B")
    assert seen.sync(following, accepted(GET, session_id="1B")) == set()
