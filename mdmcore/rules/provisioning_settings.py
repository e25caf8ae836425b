"""Rules on settings beside account and certificates: Push, and the renewal branch.

DMClient and CertificateStore CSPs, enrollment.md 9.2 and 9.6.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.enrollment.provisioning_view import Setting, branches_at
from mdmcore.rules.model import Hit
from mdmcore.rules.provisioned import ISSUING, document_hit, provisioned
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_DATATYPES = {"ROBOSupport": "boolean", "RenewPeriod": "integer", "RetryInterval": "integer"}
_DAYS = range(1, 1001)


@rule("push-in-wap", kinds=ISSUING)
def push_in_document(scene: Scene) -> Iterator[Hit]:
    """The document has DMClient Push, which cannot be set at enrolment: it is ignored, or the
    DMClient branch fails (0x80180020). Set Push/PFN in a DM session."""
    document = provisioned(scene).document
    if document is None:
        return
    pattern = ("DMClient", "Provider", None, "Push")
    for _, path, branch in branches_at(document, *pattern, ignore_case=False):
        yield document_hit(
            scene,
            "DMClient Push stands in the provisioning document",
            path,
            ", ".join(parm.name for parm in branch.parms) or "no parm",
        )


@rule("renew-datatype-missing", kinds=ISSUING)
def renew_datatype_missing(scene: Scene) -> Iterator[Hit]:
    """ROBOSupport, RenewPeriod or RetryInterval has no datatype, or another one, so the renewal
    branch fails. Write datatype="boolean" for the first, datatype="integer" for the others."""
    settings = provisioned(scene).renewal_settings
    for each in settings.settings if settings is not None else ():
        expected = _DATATYPES[each.name.replace("RenewalPeriod", "RenewPeriod")]
        if each.is_written and each.datatype != expected:
            found = "no datatype" if not each.datatype else f"datatype {each.datatype!r}"
            yield document_hit(
                scene,
                f"{each.name} has {found}, not {expected!r}",
                each.path,
                each.datatype or "absent",
            )


@rule("renew-values-out-of-range", kinds=ISSUING)
def renew_values_out_of_range(scene: Scene) -> Iterator[Hit]:
    """RenewPeriod or RetryInterval is not 1 to 1000 days, or the interval is longer than the
    period, so the renewal branch fails. Use 40 to 60 days, with a retry every 4 or 5 days."""
    settings = provisioned(scene).renewal_settings
    if settings is None:
        return
    period, interval = settings.renew_period, settings.retry_interval
    wrong = [each for each in (period, interval) if each.is_written and each.number not in _DAYS]
    for each in wrong:
        yield document_hit(
            scene, f"{each.name} is {each.text!r}, not 1 to 1000 days", each.path, each.text or ""
        )
    if not wrong and _is_longer(interval, period):
        yield document_hit(
            scene,
            f"RetryInterval is {interval.number} days, longer than {period.name} "
            f"with {period.number}",
            interval.path,
            interval.text or "",
        )


def _is_longer(interval: Setting, period: Setting) -> bool:
    return (
        interval.number is not None
        and period.number is not None
        and interval.number > period.number
    )
