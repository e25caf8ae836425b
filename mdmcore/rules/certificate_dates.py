"""Rules on the dates of the issued certificate (enrollment.md 8.2, 10).

They belong to the phase enrollment-certificate. The time is that of the request it was issued for;
where that is not recorded, they are silent.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from mdmcore.pki.certificate import Certificate
from mdmcore.rules.decoded import Kind
from mdmcore.rules.issued import issued_certificates
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.renew_settings import DEFAULT_RENEW_DAYS, renew_days
from mdmcore.rules.scene import Scene

_ISSUING = frozenset({Kind.RST, Kind.RENEW})
_GRACE = timedelta(minutes=1)
"""The answer is made after the request's time, on a clock that need not be ours."""
_SMALL_BACKDATE = timedelta(days=2)
"""Back-dating below this is for clocks that differ, whatever the renewal period is [U]."""
_DAY = timedelta(days=1)


@rule("cert-not-yet-valid", kinds=_ISSUING)
def not_yet_valid(scene: Scene) -> Iterator[Hit]:
    """The issued certificate begins after the answer that brings it, so the device cannot use it
    until then. Back-date it by some minutes, for clocks that differ."""
    now = scene.exchange.started
    for _, certificate in issued_certificates(scene):
        if now is not None and certificate.not_before - now > _GRACE:
            yield _hit(
                scene,
                certificate,
                f"the certificate begins {_words(certificate.not_before - now)} after its request",
                field="not_before",
            )


@rule("cert-backdated-by-renewal", kinds=_ISSUING)
def backdated(scene: Scene) -> Iterator[Hit]:
    """The issued certificate began long before its request, by the renewal period or a quarter of
    its life, so renewal is due much too early. Set notBefore to now less some minutes."""
    now = scene.exchange.started
    if now is None:
        return
    period = timedelta(days=_renew_days(scene))
    for _, certificate in issued_certificates(scene):
        age = now - certificate.not_before
        lifetime = certificate.not_after - certificate.not_before
        if now > certificate.not_after:
            # It was hardly issued at that time: a document of long ago, judged today.
            continue
        if age >= _SMALL_BACKDATE and (age + _DAY >= period or age * 4 >= lifetime):
            yield _hit(
                scene,
                certificate,
                f"the certificate began {_words(age)} before its request, "
                f"of {_words(lifetime)} in all",
                field="not_before",
            )


@rule("cert-lifetime-shorter-than-renew-period", kinds=_ISSUING)
def shorter_than_renew_period(scene: Scene) -> Iterator[Hit]:
    """The issued certificate lives no longer than the renewal period, so the device asks for
    renewal at once, again and again. Issue a longer certificate, or shorten the period."""
    part = scene.decoded.provisioning
    if part is None or part.document is None:
        return
    days = _renew_days(scene)
    for _, certificate in issued_certificates(scene):
        lifetime = certificate.not_after - certificate.not_before
        if lifetime.days <= days:
            yield _hit(
                scene,
                certificate,
                f"the certificate lives {_words(lifetime)}, the renewal period is {days} days",
                field="not_after",
            )


def _renew_days(scene: Scene) -> int:
    """The period of this answer, else that of the enrolment, else the default."""
    for part in (scene.decoded.provisioning, scene.life.provisioning):
        days = renew_days(part.document) if part is not None else None
        if days is not None:
            return days
    return DEFAULT_RENEW_DAYS


def _hit(scene: Scene, certificate: Certificate, message: str, *, field: str) -> Hit:
    moment = certificate.not_before if field == "not_before" else certificate.not_after
    evidence = moment.isoformat().replace("+00:00", "Z")
    return scene.hit(message, part="certificate", field=field, evidence=evidence)


def _words(span: timedelta) -> str:
    if span >= 2 * _DAY:
        return f"{span.days} days"
    hours = span // timedelta(hours=1)
    return f"{hours} hours" if hours >= 2 else f"{span // timedelta(minutes=1)} minutes"
