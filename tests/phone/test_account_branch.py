"""The DM account: what ends the enrolment."""

from __future__ import annotations

import pytest

from mdmcore.enrollment import parse_provisioning
from mdmcore.phone import Refusal
from mdmcore.phone.account_branch import read_account
from tests.phone.generations import DOCUMENTS
from tests.phone.scripted import DM_URL, PROVIDER, assert_refusal


@pytest.mark.parametrize("profile", list(DOCUMENTS))
def test_the_account_of_each_generation(profile: str) -> None:
    account = read_account(parse_provisioning(DOCUMENTS[profile]().encode()))
    assert (account.provider_id, account.addr) == (PROVIDER, DM_URL)
    assert [entry.level for entry in account.appauth] == ["CLIENT", "APPSRV"]


@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        ('type="APPLICATION"', 'type="application"', "APPLICATION", "upper-case"),
        ('value="w7"', 'value="w2"', "APPLICATION", "no APPLICATION with APPID w7"),
        (f'value="{DM_URL}"', 'value=""', "ADDR", "no ADDR"),
        (f'value="{PROVIDER}"', 'value=""', "PROVIDER-ID", "no PROVIDER-ID"),
        ('name="ROLE"', 'name="INIT"', "INIT", "operators"),
    ],
)
def test_letters_matter_to_pcs_too(old: str, new: str, place: str, reason: str) -> None:
    document = DOCUMENTS["win10"]()
    assert old in document
    with pytest.raises(Refusal) as caught:
        read_account(parse_provisioning(document.replace(old, new, 1).encode()))
    assert_refusal(caught.value, "provisioning", place, reason)
    assert caught.value.hresult == 0x8018001F
