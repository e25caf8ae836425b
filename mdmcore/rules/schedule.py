"""Rules on the polling schedule (enrollment.md 9.5, session.md 6)."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.enrollment.provisioning_view import parm_path, retry_schedule
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene


@rule("omadmretry-first-set-zero", kinds={Kind.RST, Kind.RENEW})
def first_set_zero(scene: Scene) -> Iterator[Hit]:
    """AuxNumRetries or AuxRetryInterval is zero, so the phone never contacts the server after
    enrolment; that cannot be repaired over DM. Set both above zero, such as 10 and 15."""
    part = scene.decoded.provisioning
    schedule = retry_schedule(part.document) if part is not None and part.document else None
    if schedule is None:
        return
    values = {
        "AuxNumRetries": schedule.aux_num_retries,
        "AuxRetryInterval": schedule.aux_retry_interval,
    }
    for name, value in values.items():
        # An absent value has a default above zero; only a written one can be wrong.
        if value is not None and value <= 0:
            yield scene.hit(
                f"{name} is {value}",
                part="document",
                xpath=parm_path(schedule.path, name),
                evidence=str(value),
            )
