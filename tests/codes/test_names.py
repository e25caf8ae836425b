"""Codes by their names."""

from __future__ import annotations

import pytest

from mdmcore.codes import alert_name, fault_entry, status_name
from mdmcore.codes.names import entries_by_name
from mdmcore.namespaces import DETAIL_HRESULTS, FAULT_HRESULTS


@pytest.mark.parametrize("name", [*FAULT_HRESULTS, *DETAIL_HRESULTS])
def test_each_name_that_a_fault_carries_leads_to_its_hresult(name: str) -> None:
    value = (FAULT_HRESULTS | DETAIL_HRESULTS)[name]
    for spelled in (name, name.lower(), name.upper()):
        entry = fault_entry(spelled)
        assert entry is not None
        assert entry.code == f"0x{value:08X}"
    assert entries_by_name(f"s:{name}") == (fault_entry(name),)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("MENROLL_E_PROV_SSLCERTNOTFOUND", ["0x80180024"]),
        ("PROV_SSLCERTNOTFOUND", ["0x80180024"]),
        ("MREGISTER_E_DISCOVERY_FAILED", ["0x8019000E"]),
        # A name without its prefix stands for both generations, with it for one.
        ("DEVICE_UNKNOWN_ERROR", ["0x80180008", "0x80190008"]),
        ("MENROLL_E_DEVICE_UNKNOWN_ERROR", ["0x80180008"]),
        # Public lists number it differently: both are told.
        ("MENROLL_E_USER_CANCELED", ["0x8018002A", "0x80180030"]),
        ("MENROLL_E_MDM_NOT_CONFIGURED", ["0x8018002B", "0x80180031"]),
        ("WININET_E_NAME_NOT_RESOLVED", ["12007"]),
        ("ERROR_WINHTTP_SECURE_FAILURE", ["12175"]),
        ("ERROR_INTERNET_DECODING_FAILED", ["12175"]),
        ("CFGMGR_E_NODENOTFOUND", ["0x86000002"]),
        ("atomic failed", ["507"]),
        ("Generic alert", ["1226"]),
        ("no such name", []),
        ("", []),
    ],
)
def test_constants_and_phrases(name: str, codes: list[str]) -> None:
    assert [entry.code for entry in entries_by_name(name)] == codes


def test_codes_that_share_a_name_say_so() -> None:
    for name in ("MENROLL_E_USER_CANCELED", "MENROLL_E_MDM_NOT_CONFIGURED"):
        assert all(entry.conflict for entry in entries_by_name(name))


@pytest.mark.parametrize(
    ("status", "name"), [("405", "Command not allowed"), (" 200 ", "OK"), ("999", ""), ("x", "")]
)
def test_status_phrases(status: str, name: str) -> None:
    assert status_name(status) == name


@pytest.mark.parametrize(
    ("code", "name"), [("1201", "Client-initiated session"), ("405", ""), ("١٢٠١", "")]
)
def test_alert_names(code: str, name: str) -> None:
    assert alert_name(code) == name
