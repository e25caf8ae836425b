"""Notes for the content views: what the codes in a message mean, from the one table of codes.

SOAP faults by subcode and ErrorType, SyncML by the Data of Status and Alert. Which view shows
them is the views' matter.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.codes import code_words, fault_entry
from mdmcore.xml import Element, child, iter_elements, local_name, text_of

_MAX_CODES = 32
_MAX_REFS = 8
_FAULT_PARTS = frozenset({"value", "errortype"})


def fault_notes(root: Element) -> list[str]:
    """One line for each name of a SOAP fault that a device reports with a code of its own."""
    faults = (e for e in iter_elements(root) if local_name(e).lower() == "fault")
    notes: dict[str, None] = {}
    for fault in faults:
        for element in iter_elements(fault):
            if local_name(element).lower() not in _FAULT_PARTS or len(notes) >= _MAX_CODES:
                continue
            name = text_of(element).rpartition(":")[2]
            entry = fault_entry(name)
            if entry is not None:
                notes[f"{name}: {entry.code} {entry.name}, {entry.meaning}"] = None
    return list(notes)


def syncml_notes(root: Element) -> list[str]:
    """One line for each status and alert code, with the commands that a status is for."""
    found: dict[tuple[str, str], list[str]] = {}
    for kind, code, reference in _codes(root):
        if (kind, code) in found or len(found) < _MAX_CODES:
            found.setdefault((kind, code), []).append(reference)
    return [_note(kind, code, references) for (kind, code), references in found.items()]


def _codes(root: Element) -> Iterator[tuple[str, str, str]]:
    for element in iter_elements(root):
        name = local_name(element)
        if name not in {"Status", "Alert"}:
            continue
        code = text_of(child(element, "Data"))
        if name == "Alert":
            yield "alert", code, ""
        else:
            command = text_of(child(element, "Cmd"))
            yield "syncml", code, f"{command} {text_of(child(element, 'CmdRef'))}".strip()


def _note(kind: str, code: str, references: list[str]) -> str:
    words = code_words(kind, code)
    what = "Alert" if kind == "alert" else "Status"
    means = f" {words['name']}: {words['meaning']}" if words else ", an unknown code"
    refs = [reference for reference in references if reference]
    more = f" and {len(refs) - _MAX_REFS} more" if len(refs) > _MAX_REFS else ""
    answered = f" (for {', '.join(refs[:_MAX_REFS])}{more})" if refs else ""
    return f"{what} {code}{means}{answered}"
