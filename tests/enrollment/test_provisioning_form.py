"""What each generation of devices gets, told from the sources and not from the table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.enrollment.provisioning_builder import build_document
from mdmcore.enrollment.provisioning_form import form_for
from mdmcore.enrollment.provisioning_model import (
    ApplicationParms,
    DmClientBranch,
    Provisioning,
    Renew,
)
from mdmcore.profiles import FEDERATED, ON_PREMISE, PROFILES, DeviceProfile, device_profile
from tests.enrollment.samples import HUB, sample_content
from tests.support.provisioning import content_of

EVERYTHING = replace(
    content_of(**sample_content()),
    application=replace(
        content_of(**sample_content()).application,
        parms=ApplicationParms(
            ssp_hyperlink="http://go.example.test", server_list="https://mdm.example.test/list"
        ),
    ),
    dm_client=DmClientBranch(
        ent_device_name="Anna's",
        ent_dmid="id",
        upn="anna@example.test",
        management_server_address_list=("https://mdm.example.test/x",),
        requires_message_signing=True,
    ),
)


def form(name: str, content: Provisioning = EVERYTHING, **how: object) -> Provisioning:
    return form_for(device_profile(name), content, **how)  # type: ignore[arg-type]


def test_windows_phone_8_polls_by_registry_and_is_renewed_by_its_user() -> None:
    found = form("wp8")
    assert found.certificates.renew is None
    assert found.registry is not None
    assert found.registry.retry_key == r"HKLM\Software\Microsoft\Enrollment\OmaDmRetry"
    assert found.registry.renewal_key == r"HKLM\Software\Microsoft\Enrollment"
    assert found.dm_client == DmClientBranch(ent_device_name="Anna's", ent_dmid="id", poll=None)
    assert found.app_management == HUB
    parms = found.application.parms
    assert (parms.role, parms.ssp_hyperlink, parms.server_list, parms.crl_check) == (
        *(None, "", ""),
        None,
    )


def test_windows_phone_81_polls_by_dm_client_and_renews() -> None:
    found = form("wp81")
    assert found.certificates.renew == Renew()
    assert found.registry is None
    assert found.dm_client is not None
    assert found.dm_client.poll is not None
    assert found.dm_client.poll.poll_on_login is None
    assert found.dm_client.poll.all_users_poll_on_first_login is None
    assert (found.dm_client.upn, found.app_management) == ("", HUB)


def test_a_windows_81_pc_has_keys_of_its_own_and_a_filled_container() -> None:
    found = form("win81", auth_policy=FEDERATED)
    assert found.registry is not None
    assert found.registry.retry_key == r"HKLM\Security\MachineEnrollment\OmaDmRetry"
    assert found.registry.renewal_key == r"HKLM\Security\MachineEnrollment"
    assert found.certificates.renew == Renew()
    container = found.certificates.key_container
    assert container is not None
    assert [(parm.name, parm.value) for parm in container] == [
        ("KeySpec", "2"),
        ("ContainerName", "ConfigMgrEnrollment"),
        ("ProviderType", "1"),
    ]
    assert found.certificates.is_key_container_inside
    parms = found.application.parms
    assert (parms.role, parms.crl_check) == (4294967295, False)
    assert parms.ssp_hyperlink == "http://go.example.test"
    assert parms.server_list == "https://mdm.example.test/list"
    assert found.app_management is None


@pytest.mark.parametrize(
    ("profile", "signs"), [("wp8", False), ("wp81", False), ("win81", True), ("win10", True)]
)
def test_only_devices_that_can_are_told_to_sign(profile: str, signs: bool) -> None:
    found = form(profile).dm_client
    assert found is not None
    assert found.requires_message_signing is signs


def test_windows_10_polls_by_dm_client_alone_and_is_told_its_user() -> None:
    found = form("win10")
    assert found.registry is None
    assert found.certificates.renew == Renew()
    assert found.certificates.key_container == ()
    assert found.dm_client == EVERYTHING.dm_client
    assert found.app_management is None
    assert found.application.parms.role == 4294967295
    assert found.application.parms.ssp_hyperlink == ""


@pytest.mark.parametrize(
    ("name", "is_device", "scope"),
    [("win10", True, "System"), ("win10", False, "User"), ("wp81", True, "User")],
)
def test_a_device_enrolment_of_windows_10_uses_the_machines_store(
    name: str, is_device: bool, scope: str
) -> None:
    store = form(name, is_device_enrollment=is_device).certificates.client_store
    assert str(store) == f"My/{scope}"


@pytest.mark.parametrize(
    ("name", "auth_policy", "expected"),
    [
        ("wp81", ON_PREMISE, False),
        ("wp81", FEDERATED, True),
        ("win81", FEDERATED, True),
        ("win10", ON_PREMISE, True),
    ],
)
def test_silent_renewal_is_told_where_there_is_no_other(
    name: str, auth_policy: str, expected: bool
) -> None:
    certificates = replace(EVERYTHING.certificates, renew=Renew(robo_support=False))
    content = replace(EVERYTHING, certificates=certificates)
    renew = form(name, content, auth_policy=auth_policy).certificates.renew
    assert renew is not None
    assert renew.robo_support is expected


def test_a_role_that_was_chosen_stays() -> None:
    application = replace(EVERYTHING.application, parms=ApplicationParms(role=32))
    assert form("win10", replace(EVERYTHING, application=application)).application.parms.role == 32


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_the_form_of_a_form_is_the_same(profile: DeviceProfile) -> None:
    found = form_for(profile, EVERYTHING)
    assert form_for(profile, found) == found
    assert build_document(profile, found) == build_document(profile, EVERYTHING)


def test_what_is_not_offered_is_not_given() -> None:
    content = replace(EVERYTHING, registry=None, dm_client=None, app_management=None)
    content = replace(content, certificates=replace(content.certificates, renew=None))
    for profile in PROFILES.values():
        found = form_for(profile, content)
        assert (found.registry, found.dm_client, found.certificates.renew) == (None, None, None)
