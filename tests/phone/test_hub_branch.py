"""EnterpriseAppManagement: read by phones, passed over by PCs."""

from __future__ import annotations

import pytest

from mdmcore.enrollment import parse_provisioning
from mdmcore.phone import Refusal
from mdmcore.phone.hub_branch import read_hub
from mdmcore.profiles import PROFILES
from tests.phone.scripted import AET, HUB_URL, assert_refusal, provisioning_document

DOCUMENT = parse_provisioning(provisioning_document().encode())
WITHOUT_TOKEN = parse_provisioning(provisioning_document().replace(AET, "").encode())


@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_a_phone_reads_its_hub(profile: str) -> None:
    hub = read_hub(DOCUMENT, PROFILES[profile])
    assert hub is not None
    assert hub.store_uri == HUB_URL
    with pytest.raises(Refusal) as caught:
        read_hub(WITHOUT_TOKEN, PROFILES[profile])
    assert_refusal(caught.value, "provisioning", "EnrollmentToken", "no application enrolment")
    assert caught.value.hresult == 0x80180025


@pytest.mark.parametrize("profile", ["win81", "win10"])
def test_a_pc_has_no_hub(profile: str) -> None:
    assert read_hub(DOCUMENT, PROFILES[profile]) is None
    assert read_hub(WITHOUT_TOKEN, PROFILES[profile]) is None
