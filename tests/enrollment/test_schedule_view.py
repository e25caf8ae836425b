"""The schedule in its two spellings: values, defaults and where they stand."""

from __future__ import annotations

import pytest
from lxml import etree

from mdmcore.enrollment import (
    Schedule,
    parse_provisioning,
    parse_rstrc,
    poll_schedules,
    retry_schedule,
    retry_schedules,
)
from mdmcore.namespaces import MACHINE_OMA_DM_RETRY_KEY, OMA_DM_RETRY_KEY
from mdmcore.profiles import PollScheme
from tests.enrollment.captures import win10_body
from tests.enrollment.samples import document
from tests.support.provisioning_samples import RIGHT


def keys(**parms_by_key: dict[str, str]) -> bytes:
    branches = "".join(
        f'<characteristic type="{key}">'
        + "".join(f'<parm name="{name}" value="{value}"/>' for name, value in parms.items())
        + "</characteristic>"
        for key, parms in parms_by_key.items()
    )
    return (
        f'<wap-provisioningdoc><characteristic type="Registry">{branches}</characteristic>'
        "</wap-provisioningdoc>"
    ).encode()


def numbers(schedule: Schedule | None) -> list[int | None]:
    assert schedule is not None
    return [each.number for each in schedule.settings]


def test_the_registry_of_a_document_of_ours() -> None:
    found = retry_schedule(document())
    assert found is not None
    assert (found.scheme, found.key) == (PollScheme.REGISTRY, OMA_DM_RETRY_KEY)
    assert numbers(found) == [10, 15, 8, 60, 0, 480]
    assert [each.is_endless for each in found.sets] == [False, False, True]
    assert {each.datatype for each in found.settings} == {"integer"}


@pytest.mark.parametrize("profile", ["wp81", "win10"])
def test_the_poll_branch(profile: str) -> None:
    doc = parse_provisioning(RIGHT[profile])
    (found,) = poll_schedules(doc)
    assert (found.scheme, found.key) == (PollScheme.DM_CLIENT, "ExampleMDM")
    assert numbers(found) == [8, 15, 5, 60, 0, 1560]
    assert retry_schedules(doc) == ()


def test_every_path_leads_to_its_parm() -> None:
    for profile in ("wp8", "wp81", "win81"):
        doc = parse_provisioning(RIGHT[profile])
        tree = etree.fromstring(RIGHT[profile])
        for schedule in (*retry_schedules(doc), *poll_schedules(doc)):
            assert len(tree.xpath(schedule.path)) == 1
            for each in schedule.settings:
                assert tree.xpath(f"{each.path}/@value") == [each.text]


def test_the_capture_has_one_value_and_defaults_for_the_rest() -> None:
    (found,) = poll_schedules(parse_provisioning(parse_rstrc(win10_body(5)).document))
    assert numbers(found) == [8, None, None, None, None, None]
    assert [(each.retries, each.minutes) for each in found.sets] == [(8, 15), (0, 0), (0, 0)]
    assert [each.is_active for each in found.sets] == [True, False, False]


def test_what_is_no_number_is_not_replaced_by_the_default() -> None:
    wap = keys(**{OMA_DM_RETRY_KEY: {"AuxNumRetries": "ten", "AuxRetryInterval": "15"}})
    found = retry_schedule(parse_provisioning(wap))
    assert found is not None
    assert (found.first.retries, found.first.minutes) == (None, 15)
    assert not found.first.is_endless


def test_the_named_key_goes_first() -> None:
    both = keys(**{MACHINE_OMA_DM_RETRY_KEY: {"NumRetries": "1"}, OMA_DM_RETRY_KEY: {}})
    doc = parse_provisioning(both)
    for wanted in (OMA_DM_RETRY_KEY, MACHINE_OMA_DM_RETRY_KEY):
        found = retry_schedule(doc, wanted)
        assert found is not None
        assert found.key == wanted
    other = retry_schedule(parse_provisioning(keys(**{MACHINE_OMA_DM_RETRY_KEY: {}})))
    assert other is not None
    assert other.key == MACHINE_OMA_DM_RETRY_KEY


def test_a_key_is_told_by_its_values_too() -> None:
    def found(key: str, name: str) -> list[str]:
        schedules = retry_schedules(parse_provisioning(keys(**{key: {name: "1"}})))
        return [each.key for each in schedules]

    assert found(r"HKLM\Software\Microsoft\Enrollment", "Aux2NumRetries") == [
        r"HKLM\Software\Microsoft\Enrollment"
    ]
    assert found(r"HKLM\Software\Microsoft\Enrollment", "RenewalPeriod") == []
    assert found(r"HKLM\Software\Other", "NumRetries") == []


def test_names_are_compared_exactly_unless_asked() -> None:
    wap = keys(**{OMA_DM_RETRY_KEY.lower(): {"auxnumretries": "3"}})
    doc = parse_provisioning(wap.replace(b'"Registry"', b'"registry"'))
    assert retry_schedule(doc) is None
    assert numbers(retry_schedule(doc, ignore_case=True))[0] == 3
