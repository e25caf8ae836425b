"""When a certificate is valid, as seen by this computer's clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from mdmcore.cli.doctor.result import Facts, Result, ok, problem, warning
from mdmcore.pki.certificate import Certificate

_SOON = timedelta(days=30)


def validity_result(
    certificate: Certificate, now: datetime, text: str, *, renew: str, facts: Facts
) -> Result:
    """``text`` followed by its end, as good as its dates are; ``renew`` says how to get a new one.

    A certificate that begins in the future is not the certificate's fault but a clock's.
    """
    end = f"{certificate.not_after:%Y-%m-%d}"
    facts = {
        **facts,
        "not_before": certificate.not_before.isoformat(),
        "not_after": certificate.not_after.isoformat(),
    }
    if certificate.not_before > now:
        begin = f"{certificate.not_before:%Y-%m-%d %H:%M} UTC"
        return problem(
            f"{text} begins on {begin}, and this computer says it is {now:%Y-%m-%d %H:%M} UTC",
            "set the computer's clock; a phone with the right time accepts the certificate then",
            facts,
        )
    if certificate.not_after <= now:
        return problem(f"{text} ended on {end}", renew, facts)
    if certificate.not_after - now < _SOON:
        return warning(f"{text} is valid until {end} only", renew, facts)
    return ok(f"{text} is valid until {end}", facts)
