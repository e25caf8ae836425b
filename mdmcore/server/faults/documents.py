"""Changing the provisioning document inside an RSTRC: branches, parms, the document's own bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mdmcore.base64_text import decode_base64, encode_base64
from mdmcore.enrollment.provisioning import (
    Characteristic,
    Parm,
    ProvisioningDocument,
    parse_provisioning,
    serialize_provisioning,
)
from mdmcore.http import Response
from mdmcore.server.faults.model import Answered
from mdmcore.server.faults.texts import element_text, with_body, with_text

type BranchChange = Callable[[Characteristic], Characteristic | None]
"""The branch that takes its place; ``None`` takes the branch away."""

ANY = "*"
"""Any type, in a path of branches."""

TOKEN = "BinarySecurityToken"


def document_bytes(answered: Answered) -> bytes | None:
    """The document of an RSTRC; ``None`` where the answer holds none."""
    text = element_text(answered.body, TOKEN)
    return None if text is None else decode_base64(text)


def with_document_bytes(answered: Answered, change: Callable[[bytes], bytes]) -> Response | None:
    """The answer with other bytes as its document."""
    document = document_bytes(answered)
    if document is None:
        return None
    changed = change(document)
    if changed == document:
        return None
    return with_body(answered.response, with_text(answered.body, TOKEN, encode_base64(changed)))


def with_document(
    answered: Answered, change: Callable[[ProvisioningDocument], ProvisioningDocument]
) -> Response | None:
    """The answer with a changed document; ``None`` where nothing was changed."""
    return with_document_bytes(
        answered, lambda data: serialize_provisioning(change(parse_provisioning(data)))
    )


def with_branch(answered: Answered, path: tuple[str, ...], change: BranchChange) -> Response | None:
    """The answer with every branch at that path changed; a step may be ``ANY``."""
    return with_document(answered, lambda document: change_branch(document, path, change))


def with_root(answered: Answered, change: BranchChange) -> Response | None:
    """The answer with the document's top branches changed, as the content of one branch."""

    def changed(document: ProvisioningDocument) -> ProvisioningDocument:
        root = change(Characteristic(type="", characteristics=document.characteristics))
        return document if root is None else replace(document, characteristics=root.characteristics)

    return with_document(answered, changed)


def change_branch(
    document: ProvisioningDocument, path: tuple[str, ...], change: BranchChange
) -> ProvisioningDocument:
    """The document with every branch at that path changed."""
    return replace(document, characteristics=_changed_below(document.characteristics, path, change))


def _changed_below(
    branches: tuple[Characteristic, ...], path: tuple[str, ...], change: BranchChange
) -> tuple[Characteristic, ...]:
    changed: list[Characteristic] = []
    for branch in branches:
        if path[0] not in (ANY, branch.type):
            changed.append(branch)
        elif len(path) > 1:
            below = _changed_below(branch.characteristics, path[1:], change)
            changed.append(replace(branch, characteristics=below))
        elif (new := change(branch)) is not None:
            changed.append(new)
    return tuple(changed)


# --- parms of a branch ---


def set_parm(name: str, value: str | None) -> BranchChange:
    """Give a parm that is there another value, its datatype stays."""
    return _each(name, lambda parm: replace(parm, value=value))


def set_datatype(name: str, datatype: str | None) -> BranchChange:
    """Give a parm that is there another datatype."""
    return _each(name, lambda parm: replace(parm, datatype=datatype))


def rename_parm(name: str, new: str) -> BranchChange:
    """Write the parm's name in another way."""
    return _each(name, lambda parm: replace(parm, name=new))


def drop_parm(name: str) -> BranchChange:
    """Leave the parm out."""

    def change(branch: Characteristic) -> Characteristic:
        return replace(branch, parms=tuple(parm for parm in branch.parms if parm.name != name))

    return change


def add_parm(name: str, value: str | None, datatype: str | None = None) -> BranchChange:
    """Put a parm behind the others."""
    parm = Parm(name=name, value=value, datatype=datatype)
    return lambda branch: replace(branch, parms=(*branch.parms, parm))


def edit_parm(name: str, change: Callable[[str], str]) -> BranchChange:
    """Make the parm's new value from the one it has."""
    return _each(name, lambda parm: replace(parm, value=change(parm.value or "")))


def together(*changes: BranchChange) -> BranchChange:
    """Several changes of one branch, one after the other."""

    def change(branch: Characteristic) -> Characteristic | None:
        changed: Characteristic | None = branch
        for each in changes:
            changed = None if changed is None else each(changed)
        return changed

    return change


def add_branch(new: Characteristic) -> BranchChange:
    """Put a branch below, behind the others."""
    return lambda branch: replace(branch, characteristics=(*branch.characteristics, new))


def _each(name: str, change: Callable[[Parm], Parm]) -> BranchChange:
    def changed(branch: Characteristic) -> Characteristic:
        parms = tuple(change(parm) if parm.name == name else parm for parm in branch.parms)
        return replace(branch, parms=parms)

    return changed
