"""Further branches for a provisioning document, given as XML text and added as they are.

Read with the strict parser; whatever would be lost or is known to break an enrolment is refused
with its line: text between elements, attributes of no meaning, a second DM account, INIT, Push
(enrollment.md 9.1, 9.3, 9.6).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mdmcore.enrollment.provisioning import (
    ROOT,
    Characteristic,
    ProvisioningDocument,
    parse_provisioning,
)
from mdmcore.enrollment.provisioning_checks import check_datatype
from mdmcore.enrollment.provisioning_model import APPLICATION_FLAGS
from mdmcore.errors import ConfigError, ProtocolError, XmlError
from mdmcore.xml import Element, children, local_name, namespace_of, parse_strict

_BEFORE = f"<{ROOT}>"
MAX_EXTRA_CHARACTERS = 256 * 1024
_ATTRIBUTES = {"characteristic": {"type"}, "parm": {"name", "value", "datatype"}}
_FLAGS = frozenset(name for _, name in APPLICATION_FLAGS)
_OWN = {
    "CertificateStore": "certificates come from the settings of the authority",
    "EnterpriseAppManagement": "it comes from the settings of the hub",
}


def parse_extra(text: str) -> tuple[Characteristic, ...]:
    """The branches in an XML text of one or more ``characteristic`` elements.

    Raises ConfigError with the line in that text when it is something else.
    """
    if len(text) > MAX_EXTRA_CHARACTERS:
        raise ConfigError(f"{len(text)} characters, more than {MAX_EXTRA_CHARACTERS} are not read")
    # On one line with the text, so that lines count from its first.
    data = f"{_BEFORE}{text}</{ROOT}>".encode("utf-8", "surrogatepass")
    try:
        root = parse_strict(data)
        _check_content(root, is_root=True)
        branches = parse_provisioning(data).characteristics
    except XmlError as error:
        raise ConfigError(str(_without_wrapper(error))) from None
    except ProtocolError as error:
        raise ConfigError(str(error)) from None
    if not branches:
        raise ConfigError("there is no characteristic in it")
    for branch in branches:
        _check_branch(branch)
    return branches


def check_extra(extra: Sequence[Characteristic], own: Sequence[Characteristic]) -> None:
    """That no parm of ``own`` is given a second time; raises ConfigError."""
    known = dict(_parms(own))
    for place, value in _parms(extra):
        if place in known and known[place] != value:
            raise ConfigError(f"{'/'.join(place)} is in the document already, with another value")


def _parms(
    branches: Sequence[Characteristic],
) -> Iterator[tuple[tuple[str, ...], str | None]]:
    document = ProvisioningDocument(characteristics=tuple(branches))
    for types, branch in document.walk():
        if types[0] != "APPLICATION":  # several of them are several accounts
            yield from (((*types, parm.name), parm.value) for parm in branch.parms)


def _check_content(element: Element, *, is_root: bool = False) -> None:
    if (element.text or "").strip():
        _refuse(element, f"text in {local_name(element)}: {element.text!r:.60}")
    for each in children(element):
        name = local_name(each)
        if name not in _ATTRIBUTES or namespace_of(each) or (is_root and name == "parm"):
            wanted = "characteristic" if is_root else "characteristic or parm"
            _refuse(each, f"{name} where only {wanted} can stand")
        unknown = sorted(set(map(str, each.attrib)) - _ATTRIBUTES[name])
        if unknown:
            _refuse(each, f"{name} has no attribute {unknown[0]}")
        if (each.tail or "").strip():
            _refuse(each, f"text behind {name}: {each.tail!r:.60}")
        if name == "parm" and len(each):
            _refuse(each, "a parm is empty")
        _check_content(each)


def _without_wrapper(error: XmlError) -> XmlError:
    """The error with the column that counts in the text alone."""
    column = error.column
    if column is not None and error.line == 1:
        column = max(column - len(_BEFORE), 1)
    return XmlError(error.message, line=error.line, column=column)


def _refuse(element: Element, message: str) -> None:
    raise XmlError(message, line=element.sourceline or 1)


def _check_branch(branch: Characteristic) -> None:
    if branch.type in _OWN:
        raise ConfigError(f"{branch.type} cannot be added: {_OWN[branch.type]}")
    if branch.type == "APPLICATION" and branch.value("APPID") == "w7":
        raise ConfigError("the document has one w7 APPLICATION, and only one")
    document = ProvisioningDocument(characteristics=(branch,))
    for types, each in document.walk():
        if types[0] == "DMClient" and each.type == "Push":
            raise ConfigError("DMClient Push cannot stand in the document, set it in a session")
        for parm in each.parms:
            check_datatype(parm.datatype, field="extra")
            if types[0] == "APPLICATION" and parm.name == "INIT":
                raise ConfigError("INIT is for operators, enrolment fails with it")
            if parm.name in _FLAGS and parm.value is not None:
                raise ConfigError(f"{parm.name} is a flag, it has no value")
