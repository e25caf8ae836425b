"""SCEP: an enrolment that the device begins when told to, below CertificateStore and others.

The work is accepted and pending; what comes of it is ``scep_client``'s. A device whose keys nobody
holds cannot make one more, and says so. What must be known before it begins is checked.
"""

from __future__ import annotations

from dataclasses import replace

from mdmcore.phone.device.work import ScepOrder, Work, WorkKind, replaced, without
from mdmcore.phone.tree.behaviour import Content, Outcome, Path, Target, View

NOT_IMPLEMENTED = 0x80004001
"""E_NOTIMPL."""
_NEEDED = ("ServerURL", "SubjectName")
_OBSTACLE = "nobody holds keys for this device"
_INCOMPLETE = Outcome(code=412)
_KEY_BITS = 2048
"""Where none is told [U]."""


def facts(view: View, kind: WorkKind, context: str = "device") -> dict[Path, Content]:
    """Status and ErrorCode of each enrolment that was begun in that context."""
    found: dict[Path, Content] = {}
    for work in view.device.work:
        if work.kind is kind and work.context == context:
            found[(*work.node, "Status")] = work.status
            found[(*work.node, "ErrorCode")] = work.error_text
            if work.thumbprint:
                found[(*work.node, "CertThumbprint")] = work.thumbprint
    return found


def enroll(target: Target, view: View, kind: WorkKind) -> Outcome:
    """Begin, when the server's address and the name of the subject are there."""
    install, node = target.path[:-1], target.path[:-2]
    for name in _NEEDED:
        value = view.value((*install, name))
        if value is None or not value.text:
            return _INCOMPLETE

    def told(*names: str) -> str:
        values = (view.value((*install, name)) for name in names)
        return next((value.text for value in values if value is not None), "")

    bits = told("KeyLength")
    order = ScepOrder(
        url=told("ServerURL"),
        subject=told("SubjectName"),
        challenge=told("Challenge"),
        thumbprint=told("CAThumbprint", "CAThumbPrint"),
        bits=int(bits) if bits.isdecimal() else _KEY_BITS,
    )
    work = Work(
        kind=kind,
        node=node,
        context=target.context,
        product=node[-1],
        obstacle=_OBSTACLE,
        scep=order,
        since=view.now,
    )
    return Outcome(device=replace(view.device, work=replaced(view.device.work, work)))


def delete(target: Target, view: View, kind: WorkKind) -> Outcome:
    """Forget the enrolments at or below a node."""
    works = without(view.device.work, kind, target.path, target.context)
    return Outcome(device=replace(view.device, work=works))
