"""What the device's own log or report tells of a step that failed (field-problems.md 4 and 5).

The codes are read by ``mdmcore.codes``, which names the rules that probably explain each one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.codes import CodeEntry
from mdmcore.codes import Reading as CodeReading
from mdmcore.observation import Observation
from mdmcore.rules.model import Hit, Severity
from mdmcore.rules.registry import observation_rule
from mdmcore.rules.scene import Scene

_FAILED = 0x8000_0000
_LEAST = {"http": 400, "syncml": 400, "win32": 0, "hresult": _FAILED}
_ENROLLING = re.compile(r"(?i)\bMDM enroll\b|\bMENROLL_E_")
_ENROLLING_PHASES = frozenset({"discovery", "sign-in", "policy", "enrollment", "provisioning"})
_ENROLMENT_FAILED = 76
_MAX_SAID = 240
_MAX_CAUSES = 8


def failures(codes: tuple[CodeReading, ...]) -> tuple[CodeReading, ...]:
    """Those of the codes that say that something failed."""
    return tuple(code for code in codes if _is_failure(code))


def ends_enrollment(told: Observation, failed: tuple[CodeReading, ...]) -> bool:
    """Whether it tells that an enrolment failed, with these codes."""
    if not failed:
        return False
    if told.event == _ENROLMENT_FAILED or _ENROLLING.search(told.text):
        return True
    return any(entry.phase in _ENROLLING_PHASES for code in failed for entry in code.entries[:1])


def code_title(code: CodeReading) -> str:
    """The code with its name and meaning, as far as they are known."""
    entry = code.entries[0] if code.entries else None
    shown = code.text if code.value is None or code.value <= 0xFFFF else f"0x{code.value:08X}"
    if entry is None:
        return f"{shown} (unknown; {code.facility})" if code.facility else f"{shown} (unknown)"
    name = f" {entry.name}" if entry.name else ""
    return f"{shown}{name} ({entry.meaning})"


def _is_failure(code: CodeReading) -> bool:
    if code.value is not None and code.value >= _FAILED:
        return True
    return any(_fails(entry, code) for entry in code.entries)


def _fails(entry: CodeEntry, code: CodeReading) -> bool:
    if entry.kind == "sign-in":
        return True
    return entry.kind in _LEAST and code.value is not None and code.value >= _LEAST[entry.kind]


@observation_rule("device-reports-failure")
def device_reports_failure(scene: Scene, told: Observation) -> Iterator[Hit]:
    """The device's own log says that a step failed, with the code that it got. Look at the rules
    that explain the code, and at what the server sent and logged at that time."""
    failed = failures(scene.decoded.codes)
    if not failed and told.level not in ("error", "critical"):
        return
    said = " ".join(told.text.split())
    cut = said if len(said) <= _MAX_SAID else f"{said[: _MAX_SAID - 3]}..."
    codes = "; ".join(code_title(code) for code in failed)
    named = (rule for code in failed for entry in code.entries for rule in entry.rules)
    yield scene.hit(
        f"{told.title}: {cut}" + (f" - {codes}" if codes else ""),
        part="device",
        field=told.title,
        evidence=codes or cut,
        caused_by=tuple(dict.fromkeys(named))[:_MAX_CAUSES],
        severity=Severity.ERROR if ends_enrollment(told, failed) else None,
    )
