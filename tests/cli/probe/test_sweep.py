"""The inputs of a sweep."""

from __future__ import annotations

from mdmcore.cli.probe.plan import Plan, Way, new_device_id
from mdmcore.cli.probe.sweep import variations
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPE
from mdmcore.phone import PhoneSettings
from mdmcore.profiles import PROFILES

SETTINGS = PhoneSettings(
    email="demo@acme.test",
    username="demo",
    password="secret",
    device_id=new_device_id(),
    server="mdm.acme.test",
)
PLAN = Plan(name="probe", settings=SETTINGS, way=Way(timeout_s=3))


def test_one_thing_is_varied_at_a_time() -> None:
    notes = [plan.note for plan in variations(PLAN, ["win10"])]
    versions = PROFILES["win10"].request_versions
    assert notes == [
        "win10",
        *(f"win10, RequestVersion {version}" for version in versions[1:]),
        "win10, AuthPolicy OnPremise",
        "win10, AuthPolicy Federated",
        "win10, DM messages in XML",
        "win10, DM messages in WBXML",
    ]


def test_what_is_varied_is_in_the_settings() -> None:
    plans = {plan.note: plan for plan in variations(PLAN)}
    assert plans["win10, RequestVersion 5.0"].settings.request_version == "5.0"
    assert plans["wp81, AuthPolicy Federated"].settings.offered_auth_policies == ("Federated",)
    assert plans["wp8, DM messages in WBXML"].encoding == SYNCML_WBXML_MEDIA_TYPE
    assert {plan.settings.profile for plan in plans.values()} == set(PROFILES)


def test_each_input_is_a_device_of_its_own_on_the_same_way() -> None:
    plans = variations(PLAN)
    assert len({plan.name for plan in plans}) == len(plans)
    assert len({plan.settings.device_id for plan in plans}) == len(plans)
    assert len({plan.settings.hardware_id for plan in plans}) == len(plans)
    assert {(plan.way, plan.settings.server) for plan in plans} == {(PLAN.way, "mdm.acme.test")}
