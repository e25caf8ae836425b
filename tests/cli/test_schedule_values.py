"""Values of the command line as the document that says them."""

from __future__ import annotations

import pytest

from mdmcore.cli.schedule_values import document_of, is_value
from mdmcore.enrollment import parse_provisioning
from mdmcore.enrollment.schedule_view import poll_schedules, retry_schedules
from mdmcore.errors import ConfigError


def test_values_of_the_registry() -> None:
    words = ["AuxNumRetries=5", "auxretryinterval=3", "Aux2NumRetries=0"]
    data = document_of(words, profile="auto")
    (found,) = retry_schedules(parse_provisioning(data))
    assert found.key == r"HKLM\Software\Microsoft\Enrollment\OmaDmRetry"
    assert (found.first.retries, found.first.minutes, found.periodic.retries) == (5, 3, 0)
    assert all(each.datatype == "integer" for each in found.settings if each.is_written)


def test_the_key_is_that_of_the_device() -> None:
    for profile, key in (
        ("win81", r"HKLM\Security\MachineEnrollment\OmaDmRetry"),
        ("win10", r"HKLM\Software\Microsoft\Enrollment\OmaDmRetry"),
    ):
        (found,) = retry_schedules(
            parse_provisioning(document_of(["NumRetries=5", "Aux2NumRetries=1"], profile=profile))
        )
        assert found.key == key


def test_values_of_poll() -> None:
    (found,) = poll_schedules(
        parse_provisioning(document_of(["NumberOfFirstRetries=8"], profile="win10"))
    )
    assert found.first.retries == 8


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["AuxNumRetrys=1"], "AuxNumRetrys is no value of a schedule, use AuxNumRetries"),
        (["AuxNumRetries=1", "AUXNUMRETRIES=2"], "AuxNumRetries is given twice"),
        (["AuxNumRetries=1", "NumberOfFirstRetries=2"], "cannot be mixed"),
        (["AuxNumRetries=-1"], "AuxNumRetries is '-1', and must be a whole number"),
        (["AuxNumRetries="], "must be a whole number"),
        (["AuxNumRetries=٣"], "must be a whole number"),
        (["AuxNumRetries=99999999999"], "must be a whole number"),
    ],
)
def test_what_is_no_value(words: list[str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        document_of(words, profile="auto")


def test_a_value_is_told_from_a_path() -> None:
    assert is_value("AuxNumRetries=5")
    assert not any(map(is_value, ("document.xml", "a/b=c.xml", "./x=1", "-", "=5")))
