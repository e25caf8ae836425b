"""Rules on the polling schedule."""

from __future__ import annotations

import pytest

from tests.support.story import Story, document, rules_of


@pytest.mark.parametrize(("name", "value"), [("AuxNumRetries", 10), ("AuxRetryInterval", 15)])
def test_a_first_set_of_zero(name: str, value: int) -> None:
    written = f'name="{name}" value="{value}"'.encode()
    wap = document()
    assert written in wap
    found = Story("wp8").enroll(wap.replace(written, f'name="{name}" value="0"'.encode()))
    assert rules_of(found.findings) == {"omadmretry-first-set-zero"}
    assert found.findings[0].message == f"{name} is 0"
    assert f"@name='{name}'" in found.findings[0].places[0].where["xpath"]


def test_an_absent_value_has_a_default() -> None:
    wap = document().replace(b'<parm name="AuxNumRetries" value="10" datatype="integer"/>', b"")
    assert b"AuxNumRetries" not in wap
    assert Story("wp8").enroll(wap).findings == ()


def test_windows_10_does_not_read_it() -> None:
    wap = document().replace(b'name="AuxNumRetries" value="10"', b'name="AuxNumRetries" value="0"')
    assert Story("win10").enroll(wap).findings == ()
