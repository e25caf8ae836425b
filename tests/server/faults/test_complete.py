"""Whatever the catalogue says that a server can do wrong, the emulated one does on purpose."""

from __future__ import annotations

from mdmcore.rules.catalogue import catalogue
from mdmcore.server.faults import FAULTS


def test_what_a_server_can_do_wrong_is_a_fault() -> None:
    wanted = {item.id for item in catalogue() if item.fault == "yes"}
    assert wanted - FAULTS.keys() == set()


def test_the_catalogue_names_no_fault_as_impossible() -> None:
    wanted = {item.id for item in catalogue() if item.fault == "yes"}
    assert FAULTS.keys() <= wanted
