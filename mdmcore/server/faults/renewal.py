"""Mistakes in renewing a certificate (enrollment.md 10)."""

from __future__ import annotations

from dataclasses import replace

from mdmcore.enrollment.provisioning import Characteristic, Parm
from mdmcore.http import Response
from mdmcore.pki.asn1.name import PRINTABLE_STRING
from mdmcore.pki.certificate_builder import CertificateForm, encode_common_name
from mdmcore.server.answers import plain_answer
from mdmcore.server.faults.certificates import reissued
from mdmcore.server.faults.documents import with_branch
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.server.faults.refusing import soap_refusal


def _refusal(answered: Answered) -> Response:
    return soap_refusal(answered, "MessageFormat", "unknown request type")


@fault("robo-advertised-not-implemented", Step.RENEW)
def not_implemented(answered: Answered) -> Response | None:
    """Silent renewal was promised, and its request is refused."""
    return _refusal(answered)


@fault("renew-wrong-request-type", Step.RENEW)
def type_not_known(answered: Answered) -> Response | None:
    """The request for renewal is refused for its type."""
    return _refusal(answered)


@fault("renew-attempts-failing", Step.RENEW)
def always_failing(answered: Answered) -> Response | None:
    """No attempt succeeds."""
    return _refusal(answered)


@fault("redirect-during-renewal", Step.RENEW)
def redirected(answered: Answered) -> Response | None:
    """The request is sent elsewhere."""
    target = f"https://renewal.{answered.request.host}{answered.request.path}"
    return plain_answer(302, f"moved to {target}", ("Location", target))


@fault("renew-response-full-doc", Step.RENEW)
def whole_account(answered: Answered) -> Response | None:
    """The answer sets the DM account anew."""
    auth = Characteristic(
        type="APPAUTH",
        parms=(Parm(name="AAUTHLEVEL", value="CLIENT"), Parm(name="AAUTHTYPE", value="DIGEST")),
    )

    def change(branch: Characteristic) -> Characteristic:
        return replace(branch, characteristics=(*branch.characteristics, auth))

    return with_branch(answered, ("APPLICATION",), change)


@fault("renew-subject-changed", Step.RENEW)
def other_subject(answered: Answered) -> Response | None:
    """The new certificate has another subject, the criteria stay."""

    def change(form: CertificateForm, _answered: Answered) -> CertificateForm:
        return replace(form, subject=encode_common_name(b"RenewedDevice", PRINTABLE_STRING))

    return reissued(answered, change)
