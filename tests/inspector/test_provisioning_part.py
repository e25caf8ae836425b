"""A provisioning document read into its parts."""

from __future__ import annotations

import pytest

from mdmcore.errors import ServerFault
from mdmcore.inspector import provisioning_part
from mdmcore.inspector.provisioning_part import read_provisioning
from tests.support.provisioning_samples import CLIENT, RIGHT, ROOT, changed
from tests.support.story import ENTERPRISE, PROVIDER


def test_the_parts_of_a_document() -> None:
    part = read_provisioning(RIGHT["wp81"])
    assert part.account is not None
    assert part.account.provider_id == PROVIDER
    assert [each.key for each in part.poll_schedules] == [PROVIDER]
    assert part.registry_schedules == ()
    assert part.renewal_settings is not None
    assert part.aet is not None
    assert part.aet.enterprise_id == ENTERPRISE
    assert [certificate.der for _, certificate in part.issued] == [CLIENT]
    assert [certificate.der for _, certificate in part.authorities] == [ROOT]
    assert (part.problems, part.notes) == ((), ())


def test_the_account_in_other_letters_is_for_explaining() -> None:
    part = read_provisioning(changed("wp8", 'name="APPID"', 'name="appid"'))
    assert part.account is None
    assert part.any_case is not None
    assert part.any_case.provider_id == PROVIDER


def test_a_token_that_holds_no_aet() -> None:
    token = RIGHT["wp8"].partition(b'name="EnrollmentToken" value="')[2].partition(b'"')[0]
    part = read_provisioning(RIGHT["wp8"].replace(token, b"TODO"))
    assert part.app_management is not None
    assert part.aet is None


def test_a_view_that_fails_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(document: object) -> object:
        raise ServerFault("cannot be read")

    views = dict(provisioning_part._VIEWS) | {"certificates": fail}
    monkeypatch.setattr(provisioning_part, "_VIEWS", views)
    part = read_provisioning(RIGHT["wp8"])
    assert part.account is not None
    assert part.registry_schedules
    assert part.certificates == ()
    assert [note.message for note in part.notes] == ["cannot be read"]
