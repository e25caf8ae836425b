"""Rules on the form of SOAP faults (enrollment.md 11); they belong to discovery-wab-policy.

That a step was refused at all is said by ``enrollment-refused``.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.namespaces import FAULT_HRESULTS, SOAP
from mdmcore.rules.decoded import SOAP_KINDS
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.xml import Element, iter_paths, local_name, namespace_of

_NAMES = (
    *("Envelope", "Header", "Body", "Fault"),
    *("Code", "Value", "Subcode", "Reason", "Text", "Detail", "Node", "Role"),
)
_PROPER = {name.lower(): name for name in _NAMES}
_KNOWN = {name.lower(): name for name in FAULT_HRESULTS}
_MAX_SHOWN = 10


@rule("fault-lowercase-elements", kinds=SOAP_KINDS)
def lower_case(scene: Scene) -> Iterator[Hit]:
    """Elements of a SOAP fault are written in lower case, as the web documentation prints them, so
    the device sees no fault. Write Fault, Code, Value, Subcode, Reason, Text in proper case."""
    wrong = _wrongly_cased(scene)
    if wrong:
        names = dict.fromkeys(name for _, name in wrong[:_MAX_SHOWN])
        shown = ", ".join(names)
        yield scene.hit(
            f"the fault is written with {shown}; SOAP 1.2 has {_proper(names)}",
            part="response",
            xpath=wrong[0][0],
            evidence=shown,
        )


@rule("fault-subcode-unknown", kinds=SOAP_KINDS)
def subcode_unknown(scene: Scene) -> Iterator[Hit]:
    """The subcode of a SOAP fault is none that enrolling devices know, so the user sees a generic
    error. Use one of MessageFormat, Authentication, Authorization, CertificateRequest,
    EnrollmentServer, InternalServiceFault and InvalidSecurity."""
    side = scene.decoded.response
    if side is None or side.fault is None:
        return
    subcode, path = side.fault.subcode, side.fault.path or "/Envelope/Body/Fault"
    if subcode in FAULT_HRESULTS:
        return
    proper = _KNOWN.get(subcode.lower())
    if proper is not None and _wrongly_cased(scene):
        return  # all of it is in lower case, which fault-lowercase-elements says
    instead = f", which is written {proper}" if proper is not None else ""
    yield scene.hit(
        f"the fault's subcode is {subcode!r}{instead}" if subcode else "the fault has no Subcode",
        part="response",
        xpath=f"{path}/Code/Subcode/Value" if subcode else path,
        evidence=subcode or side.fault.code,
    )


@rule("fault-http-200", kinds=SOAP_KINDS)
def under_200(scene: Scene) -> Iterator[Hit]:
    """A SOAP fault is sent with a good HTTP status, so the device reports 0x801900C8 instead of
    what the fault says. Send faults with status 500."""
    side, response = scene.decoded.response, scene.exchange.response
    if side is None or side.fault is None or response is None or response.status >= 300:
        return
    yield scene.hit(
        f"a SOAP fault is sent with HTTP {response.status}",
        part="response",
        field="status",
        evidence=str(response.status),
    )


def _wrongly_cased(scene: Scene) -> list[tuple[str, str]]:
    """Place and name of each SOAP 1.2 element of a fault that has not the case of SOAP 1.2."""
    side = scene.decoded.response
    if side is None or side.fault is None or side.envelope is None:
        return []
    if side.envelope.soap_version != "1.2":  # SOAP 1.1 has faultcode and the like
        return []
    root: Element = side.envelope.root
    return [
        (path, local_name(element))
        for path, element in iter_paths(root)
        if _PROPER.get(local_name(element).lower(), local_name(element)) != local_name(element)
        and namespace_of(element).strip() in (SOAP, "")
    ]


def _proper(names: dict[str, None]) -> str:
    return ", ".join(_PROPER[name.lower()] for name in names)
