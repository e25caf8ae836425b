"""Whatever the catalogue says that a server can do wrong, the emulated one does on purpose."""

from __future__ import annotations

from mdmcore.rules.catalogue import catalogue
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
"""Entries without a fault: none may be here that has one."""


def test_what_a_server_can_do_wrong_is_a_fault() -> None:
    wanted = {item.id for item in catalogue() if item.fault == "yes"}
    assert wanted - FAULTS.keys() - NOT_YET_MADE == set()


def test_what_has_a_fault_does_not_stand_in_the_list() -> None:
    assert FAULTS.keys() & NOT_YET_MADE == set()


def test_the_catalogue_names_no_fault_as_impossible() -> None:
    wanted = {item.id for item in catalogue() if item.fault == "yes"}
    assert FAULTS.keys() <= wanted
