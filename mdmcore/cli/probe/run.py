"""Living one life against a real server, watched: a plan in, what it came to out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mdmcore.cli.life import LivePhone
from mdmcore.cli.probe.plan import Plan
from mdmcore.cli.probe.steps import Walk
from mdmcore.cli.probe.watch import Carrier, Watched
from mdmcore.cli.transport import HttpTransport
from mdmcore.inspector import Inspector
from mdmcore.phone.keyring import Keyring
from mdmcore.phone.refusal import Failure
from mdmcore.phone.state import EnrolledPhone
from mdmcore.pki.authority import certificate_pem
from mdmcore.pki.request import generate_key
from mdmcore.report import Row
from mdmcore.report.explanation import settled
from mdmcore.report.probe import ProbeRun, ProbeStep
from mdmcore.rules import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who is told while it happens: of a step that begins, an exchange, a step that has ended."""

    step_begins: Callable[[str], None] = lambda _title: None
    row: Callable[[Row], None] = lambda _row: None
    step_ended: Callable[[ProbeStep], None] = lambda _step: None


def probe(plan: Plan, audience: Audience, *, show_secrets: bool = False) -> ProbeRun:
    """Live that life over the network."""
    keys = Keyring(generate_key)
    with HttpTransport(
        proxy=plan.way.proxy,
        trust=plan.way.tls_side(plan.settings, plan.clock),
        keys=keys if plan.way.offers_certificate else None,
        timeout_s=plan.way.timeout_s,
        whereabouts=plan.way.whereabouts(),
    ) as transport:
        return probe_over(
            transport,
            plan,
            audience,
            keys=keys,
            show_secrets=show_secrets,
            on_roots=transport.trust_also,
            pass_over=transport.pass_over,
        )


def probe_over(
    carry: Carrier,
    plan: Plan,
    audience: Audience,
    *,
    keys: Keyring,
    show_secrets: bool = False,
    on_roots: Callable[[str], None] = lambda _pem: None,
    pass_over: Callable[[Failure], bool] = lambda _failure: False,
) -> ProbeRun:
    """Live that life over a transport; ``on_roots`` is told the roots that enrolment installed,
    ``pass_over`` the failures of TLS that are no longer minded (``Walk``)."""
    inspector = Inspector(profile=plan.settings.profile, show_secrets=show_secrets)
    watched = Watched(
        carry, name=plan.name, inspector=inspector, clock=plan.clock, on_row=audience.row
    )
    live = LivePhone(plan.settings, watched, keys=keys, clock=plan.clock)

    def enrolled(phone: EnrolledPhone) -> None:
        on_roots(installed_roots(phone))
        if plan.encoding is not None:
            live.phone = replace(phone, account=replace(phone.account, encoding=plan.encoding))

    walk = Walk(
        live,
        watched,
        skip=plan.skip,
        keeps_going=plan.keeps_going,
        renews_now=plan.renews_now,
        clock=plan.clock,
        on_enrolled=enrolled,
        pass_over=pass_over,
    )
    began = plan.clock()
    steps = []
    for step in walk.steps(audience.step_begins):
        steps.append(step)
        audience.step_ended(step)
    findings = inspector.findings()
    return ProbeRun(
        name=plan.name,
        asked=plan.asked(),
        began=began,
        steps=tuple(_settled(step, findings) for step in steps),
        exchanges=len(watched.seen),
        lives=inspector.lives(),
        findings=findings,
    )


def _settled(step: ProbeStep, findings: Sequence[Finding]) -> ProbeStep:
    if step.explanation is None:
        return step
    return replace(step, explanation=settled(step.explanation, findings))


def installed_roots(phone: EnrolledPhone) -> str:
    """The roots that the provisioning document put on the device, as PEM."""
    return "".join(
        certificate_pem(held.certificate.der).decode("ascii")
        for held in phone.certificates
        if held.store.lower() == "root"
    )
