"""Running the rules over a loose artifact, in the same scene as over an exchange.

A file tells nothing of HTTP, TLS or what went before. So of all rules those speak here that need
no more than the artifact (their scope in the catalogue), whatever the others made of headers that
are not there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.inspector.artifact.profile import ChosenProfile
from mdmcore.inspector.artifact.values import ArtifactSettings
from mdmcore.inspector.facts import advance
from mdmcore.inspector.findings import findings_of
from mdmcore.rules import Finding, Rule, run_rules
from mdmcore.rules.decoded import Decoded
from mdmcore.rules.life import Life
from mdmcore.rules.scene import Scene

_ALSO = frozenset({"appauth-nonce-reused", "enrollment-refused"})
"""Rules with a wider scope that see enough in one document: two equal nonces, a fault."""

type Chooser = Callable[[Rule], bool]


def every_rule(rule: Rule) -> bool:
    """Choose all rules that may speak about an artifact."""
    return True


def exchange_of(
    name: str,
    settings: ArtifactSettings,
    *,
    request: bytes | None = None,
    headers: Headers | None = None,
    response: Response | None = None,
    is_verbatim: bool = True,
) -> Exchange:
    """The exchange that stands for a file: no URL, what is not there not recorded. ``headers`` are
    those of the request, where its bytes are told apart by them."""
    return Exchange(
        id=name,
        index=0,
        capture=name,
        request=Request(method="POST", url="", headers=headers or Headers(), body=request),
        response=response,
        started=settings.now,
        verbatim=is_verbatim,
    )


def scene_of(
    exchange: Exchange, decoded: Decoded, chosen: ChosenProfile, settings: ArtifactSettings
) -> Scene:
    """The scene of an artifact. What rules need from the command line, such as the .aetx file in
    ``settings.aetx``, enters the scene here and nowhere else."""
    before = Life(profile=chosen.profile)
    forced = chosen.profile if chosen.is_known else "auto"
    life = advance(before, exchange, decoded, profile=forced).life
    # What may still be set in a DM session is no error in a document alone, however old it is.
    life = replace(life, is_renewal_due=False)
    return Scene(
        exchange=exchange,
        decoded=decoded,
        life=life,
        before=before,
        profile=chosen.profile,
        now=settings.now,
        aetx=settings.aetx,
    )


def judge(
    exchange: Exchange,
    decoded: Decoded,
    chosen: ChosenProfile,
    settings: ArtifactSettings,
    *,
    only: Chooser = every_rule,
) -> tuple[Finding, ...]:
    """The findings, the gravest first. ``only`` narrows the rules for what stands in for more
    than it is, such as a bare certificate."""
    scene = scene_of(exchange, decoded, chosen, settings)
    outcries = settings.overrides.of_exchange(
        outcry
        for outcry in run_rules(scene)
        if _is_for_artifacts(outcry.rule) and only(outcry.rule)
    )
    found = settings.overrides.of_causes(findings_of(outcries, scene.life))
    return tuple(replace(finding, life=None) for finding in found)


def _is_for_artifacts(rule: Rule) -> bool:
    return "artifact" in rule.entry.scope or rule.id in _ALSO
