"""The table of codes against the shared digest of field problems, row by row of its section 4."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator

import pytest

from mdmcore.codes import CodeEntry, code_table, read_code
from mdmcore.codes.names import entries_by_name
from mdmcore.rules import catalogue
from tests.support import requirements

FAMILIES = {
    "0x8018": "MDM enrolment",
    "0x8019": "HTTP, or enrolment on Windows 8 and 8.1",
    "0x8007": "Win32",
    "0x8600": "CSP configuration manager",
    "0x0600": "CSP configuration manager",
    "0x82AA": "configuration manager with a Win32 code in the low word",
    "0x87D1": "belong to iOS and to apps",
    "0x80CF": "old Intune PC agent",
    "0x801C": "device registration (Entra join), before MDM",
    "0xCAAx": "sign-in broker (Entra), before MDM",
    "0x800B": "trust",
    "0x8009": "crypto",
    "0x8010": "smart card and key storage",
}
CATALOGUE = [item.id for item in catalogue()]


def section(number: str) -> str:
    """The text of a numbered section of the digest."""
    text = requirements.protocol_file("field-problems.md").read_text("utf-8")
    match = re.search(rf"(?ms)^### {re.escape(number)} .*?(?=^##)", text)
    assert match is not None
    return match[0]


def rows(number: str) -> list[list[str]]:
    """The cells of the section's table, without its head."""
    lines = [line for line in section(number).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def only(text: str) -> CodeEntry:
    """The one entry that a code has."""
    (entry,) = read_code(text).entries
    return entry


def check_meaning(entry: CodeEntry, listed: str) -> None:
    """A word that counts is the same: a row that slipped by one would not share any."""
    ours = f"{entry.meaning} {entry.reports} {entry.look} {entry.conflict} {entry.name}".lower()
    words = {word.lower()[:5] for word in re.findall(r"[A-Za-z0-9]{3,}", listed)}
    assert any(word in ours for word in words - {"the", "not"}), (entry.code, listed)


def check_leads(entry: CodeEntry, leads: str) -> None:
    """The rules that a row names, in its order; a pattern names all rules that it matches."""
    at = 0
    for lead in re.findall(r"`([a-z0-9*-]+)`", leads):
        wanted = set(fnmatch.filter(CATALOGUE, lead))
        assert wanted, lead
        first = next((i for i, rule in enumerate(entry.rules) if i >= at and rule in wanted), None)
        assert first is not None, (entry.code, lead, entry.rules)
        assert set(entry.rules[first : first + len(wanted)]) == wanted, (entry.code, lead)
        at = first + len(wanted)
    if "TLS rules" in leads or "tls-*" in leads:
        assert any(rule.startswith("tls-") for rule in entry.rules), entry.code
    if re.match(r"fault\b", leads):
        assert entry.rules[0] == "enrollment-refused", entry.code
    if "server log" in leads or "device side" in leads:
        assert entry.look or entry.device, entry.code
    if "before discovery" in leads or "before MDM" in leads:
        assert entry.phase == "before discovery", entry.code


def test_4_1_each_prefix_has_its_reading() -> None:
    found = rows("4.1")
    assert len(found) == 10
    prefixes = [prefix for row in found for prefix in re.findall(r"0x\w{4}", row[0])]
    assert prefixes == list(FAMILIES)
    for prefix, words in FAMILIES.items():
        reading = read_code(prefix.removesuffix("x").ljust(6, "3") + "FFFE")
        assert words in reading.facility
        assert (reading.low, reading.entries) == (0xFFFE, ())
    assert read_code("0x82AA0008").entries[0].meaning == "not enough memory (Win32 error 8)"
    assert read_code("0x82AA0005").entries == read_code("0x80070005").entries
    for code, status in (("0x87D101F4", 500), ("0x87D10194", 404), ("0x87D101A2", 418)):
        assert read_code(code).entries == (code_table()["syncml", status],)


def test_4_2_each_enrolment_code_has_its_row() -> None:
    found = rows("4.2")
    assert len(found) == 46
    for low, name, meaning, leads in found:
        text = f"0x{low}" if len(low) == 8 else f"0x801800{low}"
        entry = only(text)
        check_meaning(entry, meaning)
        check_leads(entry, leads)
        if "no name" in name:
            assert entry.conflict or entry.confidence == "field reports", low
        else:
            assert entry in entries_by_name(name), name
            prefix = "MENROLL_" if name.startswith("S_") else "MENROLL_E_"
            assert entry in entries_by_name(f"{prefix}{name}"), name
    codes = {key for kind, key in code_table() if kind == "hresult" and isinstance(key, int)}
    written = {int(f"0x801800{row[0]}", 16) for row in found if len(row[0]) == 2}
    assert {code for code in codes if code >> 16 == 0x8018} == written


def test_4_2_the_twins_of_windows_81_mean_the_same() -> None:
    assert "0x80190001-0x8019000E" in section("4.2")
    for low in range(1, 0xF):
        twin = only(f"0x801900{low:02X}")
        assert twin.name.startswith("MREGISTER_E_")
        if low <= 0xB:
            first = only(f"0x801800{low:02X}")
            assert (twin.meaning, twin.rules) == (first.meaning, first.rules)
    for low, word in ((0xC, "redirect"), (0xD, "Active Directory"), (0xE, "discovery failed")):
        assert word in only(f"0x801900{low:02X}").meaning


@pytest.mark.parametrize(
    "names",
    [
        ("MENROLL_E_DEVICE_CERTIFCATEREQUEST_ERROR", "DEVICE_CERTIFICATEREQUEST_ERROR"),
        ("MENROLL_E_USER_CANCELED", "menroll_e_user_cancelled"),
        ("MENROLL_E_NOTSUPPORTED", "MENROLL_E_NOT_SUPPORTED", "not supported"),
        ("MENROLL_E_USERLICENSE", "MENROLL_E_USER_LICENSE"),
        ("ERROR_INTERNET_NAME_NOT_RESOLVED", "ERROR_WINHTTP_NAME_NOT_RESOLVED"),
        ("ERROR_INTERNET_TIMEOUT", "ERROR_WINHTTP_TIMEOUT"),
    ],
)
def test_4_2_names_match_however_they_are_spelled(names: tuple[str, ...]) -> None:
    found = [set(read_code(name).entries) for name in names]
    assert found[0]
    assert all(found[0] <= each for each in found)


def network_codes(cell: str) -> Iterator[str]:
    """The codes of a cell of 4.3: ``12057 F19 / 12170 F8A``, ``0x800B0101 / 0109 / 010F``."""
    last = ""
    for part in cell.split(" / "):
        number = re.match(r"(\d{5}) ([0-9A-F]{3})$", part)
        if number:
            assert int(number[1]) == int(f"2{number[2]}", 16), part
            yield f"0x80072{number[2]}"
            yield f"0x80192{number[2]}"
            continue
        last = part if part.startswith("0x") else f"{last[: -len(part)]}{part}"
        yield last


def test_4_3_each_network_code_has_its_row() -> None:
    found = rows("4.3")
    assert len(found) == 23
    for cell, name, leads in found:
        if cell == "0x80190190 ..":
            # The further codes stand in the column of names.
            assert "191 = 401, 194 = 404, 1AD = 429, 1F4 = 500" in name
            for status in (400, 401, 404, 429, 500):
                entry = only(f"0x8019{status:04X}")
                assert (entry.kind, entry.code) == ("http", str(status))
                check_leads(entry, leads)
            continue
        entries = {only(text) for text in network_codes(cell)}
        for entry in entries:
            check_meaning(entry, f"{name} {leads}")
            check_leads(entry, leads)
        for constant in re.findall(r"\b[A-Z]{2,}_[A-Z_]+\b", name):
            assert entries & set(entries_by_name(constant)), (cell, constant)


def test_4_4_each_code_of_the_csp_layer_has_its_meaning() -> None:
    text = " ".join(section("4.4").split())
    items = re.split(r"\s*·\s*", text[text.index("00 invalid") : text.index("Leads:")].strip(" ."))
    assert len(items) == 30
    for item in items:
        code, _, meaning = item.strip("*() ").partition(" ")
        entry = only(code if code.startswith("0x") else f"0x860000{code}")
        assert entry.name.startswith(("CFGMGR_", "RESOURCEMGR_"))
        assert "event 404" in entry.device
        check_meaning(entry, meaning)
    leads = text.partition("Leads: ")[2].partition(". The next")[0]
    for part in leads.split("; "):
        numbers, _, names = part.partition(" ")
        for number in numbers.split("/"):
            check_leads(only(f"0x860000{number}"), names)


def test_4_5_each_console_code_has_its_row() -> None:
    found = rows("4.5")
    assert len(found) == 19
    for cell, meaning, leads in found:
        if cell.startswith("0xCAAA"):
            assert "sign-in broker" in read_code("CAA30194").facility
            assert read_code("CAA30194").entries == ()
            continue
        for entry in map(only, console_codes(cell)):
            check_meaning(entry, meaning)
            if leads.endswith("for EB"):
                assert entry.rules == (("missing-format",) if entry.code.endswith("EB") else ())
            else:
                check_leads(entry, leads)


def console_codes(cell: str) -> Iterator[str]:
    """``0x87D1FDE8 = -2016281112``, ``0x87D1FDE9 / EB / EC``, ``65000``, ``0x801C03EA, ...``."""
    last = ""
    for part in re.split(r" = | / |, ", cell):
        is_tail = bool(re.fullmatch(r"[0-9A-F]{2}", part))
        last = f"{last[:-2]}{part}" if is_tail else part
        yield last


def test_4_5_registry_values_and_events_are_known() -> None:
    text = section("4.5")
    listed = re.findall(r"\b([0-5]) ([a-z ]+)[,;]", text.partition("EnrollmentState ")[2])[:6]
    assert len(listed) == 6
    for number, word in listed:
        assert only(f"EnrollmentState {number}").meaning.endswith(word)
    assert only("RenewStatus 3").rules[0] == "renew-attempts-failing"
    events = text.partition("Event ids worth naming: ")[2]
    for number in re.findall(r"\b\d{2,4}\b", events.partition("(F#")[0]):
        assert ("event", int(number)) in code_table()
