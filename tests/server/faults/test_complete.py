"""The catalogue, the faults, and the list of mistakes that are not made hold each other."""

from __future__ import annotations

from mdmcore.rules.catalogue import catalogue
from mdmcore.rules.unmade import unmade
from mdmcore.server.faults import FAULTS

NOT_YET_MADE = frozenset(
    {
        "large-object-on-phone",
        "moredata-missing-size",
        "moredata-size-mismatch",
        "moredata-interleaved-chunk",
        "hmac-with-cred",
        "hmac-212",
        "hmac-no-nextnonce",
        "re-enrolled-state-kept",
        "async-exec-not-polled",
    }
)
"""Entries whose faults are missing without a reason: none may be here that has one."""


def test_what_a_server_can_do_wrong_is_a_fault_or_has_a_reason() -> None:
    wanted = {item.id for item in catalogue() if item.fault == "yes"}
    assert wanted - FAULTS.keys() - unmade().keys() - NOT_YET_MADE == set()


def test_what_has_a_fault_stands_in_no_list() -> None:
    assert FAULTS.keys() & (unmade().keys() | NOT_YET_MADE) == set()


def test_the_catalogue_names_no_fault_as_impossible() -> None:
    wanted = {item.id for item in catalogue() if item.fault == "yes"}
    assert FAULTS.keys() <= wanted
