"""Rules on the answer that carries the provisioning document, and on its token (enrollment.md 7.2).

They belong to the phase enrollment-certificate. What the document says is judged elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.token import RstrCollection
from mdmcore.namespaces import VALUE_TYPE_PROVISION_DOC
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_ISSUING = frozenset({Kind.RST, Kind.RENEW})
_COLLECTION = "/Envelope/Body/RequestSecurityTokenResponseCollection"
_RESPONSE = f"{_COLLECTION}/RequestSecurityTokenResponse"
_BLANK = re.compile(r"\s")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=\s]")


@rule("rstr-count", kinds=_ISSUING)
def response_count(scene: Scene) -> Iterator[Hit]:
    """The collection of responses does not hold exactly one, and what the device then does is
    undefined. Send one RequestSecurityTokenResponse."""
    rstrc, answer = scene.decoded.rstrc, scene.decoded.answer
    if answer is not None and answer.body_name == "RequestSecurityTokenResponse":
        yield scene.hit(
            "the response stands in no collection",
            part="response",
            xpath="/Envelope/Body/RequestSecurityTokenResponse",
            evidence=answer.body_name,
        )
    if rstrc is not None and rstrc.count != 1:
        yield scene.hit(
            f"the collection holds {rstrc.count} responses, not one",
            part="response",
            xpath=f"{_RESPONSE}[2]" if rstrc.count else _COLLECTION,
            evidence=str(rstrc.count),
        )


@rule("rstrc-soap11-envelope", kinds=_ISSUING)
def soap_11_envelope(scene: Scene) -> Iterator[Hit]:
    """The answer with the provisioning document is in a SOAP 1.1 envelope, as in printed samples;
    what devices make of it is not known. Send a SOAP 1.2 envelope, as everywhere else."""
    answer = scene.decoded.answer
    if scene.decoded.rstrc is not None and answer is not None and answer.soap_version == "1.1":
        yield scene.hit(
            "the envelope is SOAP 1.1",
            part="response",
            xpath="/Envelope",
            evidence="http://schemas.xmlsoap.org/soap/envelope/",
        )


@rule("bst-is-certificate", kinds=_ISSUING)
def token_is_certificate(scene: Scene) -> Iterator[Hit]:
    """The token of the answer is the certificate itself, so enrolment fails and nothing is
    provisioned. Put the certificate into a wap-provisioningdoc and send that."""
    rstrc, form = scene.decoded.rstrc, scene.decoded.token_form
    if rstrc is not None and form is not None:
        yield scene.hit(
            f"the token is {form}, not a provisioning document",
            part="response",
            xpath=rstrc.path,
            evidence=f"{len(rstrc.document)} bytes",
        )


@rule("bst-valuetype-wrong", kinds=_ISSUING)
def value_type_wrong(scene: Scene) -> Iterator[Hit]:
    """ValueType of the answer's token is not that of a provisioning document, so the device ignores
    the token and enrolment fails. Use .../5.0.0.0/ConfigurationManager/Enrollment/
    DeviceEnrollmentProvisionDoc."""
    rstrc = scene.decoded.rstrc
    if rstrc is None or not rstrc.path:
        return
    if "".join(rstrc.value_type.split()) == VALUE_TYPE_PROVISION_DOC:
        return  # namespace-whitespace is about blanks inside
    yield scene.hit(
        f"ValueType of the token is {rstrc.value_type or 'missing'}, "
        f"not {VALUE_TYPE_PROVISION_DOC}",
        part="response",
        xpath=f"{rstrc.path}/@ValueType",
        evidence=rstrc.value_type,
    )


@rule("bst-not-base64", kinds=_ISSUING)
def token_not_base64(scene: Scene) -> Iterator[Hit]:
    """The token of the answer is missing or is no base64, so there is no provisioning document and
    enrolment fails. Encode the UTF-8 bytes of the document in base64."""
    rstrc = scene.decoded.rstrc
    if rstrc is None or not rstrc.count:
        return
    problem, evidence = _token_problem(rstrc)
    if problem:
        yield scene.hit(
            f"the answer's token {problem}",
            part="response",
            xpath=rstrc.path or _RESPONSE,
            evidence=evidence,
        )


@rule("bst-linebreaks", kinds=_ISSUING)
def token_has_blanks(scene: Scene) -> Iterator[Hit]:
    """White space stands inside the token of the answer, which printed samples show and some
    readers of base64 refuse. Write the token in one line, directly between its tags."""
    rstrc = scene.decoded.rstrc
    if rstrc is None or not rstrc.document or not scene.exchange.verbatim:
        return
    blanks = _BLANK.findall(rstrc.token_text)
    if blanks:
        first = _BLANK.search(rstrc.token_text)
        at = first.start() if first is not None else 0
        yield scene.hit(
            f"the token's text has {len(blanks)} white-space characters",
            part="response",
            xpath=rstrc.path,
            evidence=f"{len(blanks)}, the first behind {at} characters",
        )


def _token_problem(rstrc: RstrCollection) -> tuple[str, str]:
    """What is wrong with the token's text, and its evidence, never the text itself."""
    if not rstrc.path:
        return "is missing: there is no BinarySecurityToken", ""
    text = rstrc.token_text
    if not text.strip():
        return "is empty", "0 characters"
    if decode_base64(text) is not None:
        return "", ""
    strange = _NOT_BASE64.search(text)
    if strange is not None:
        return "is not base64", f"{strange[0]!r} at character {strange.start()} of {len(text)}"
    return (
        "is not base64: its length or padding is wrong",
        f"{len(''.join(text.split()))} characters",
    )
