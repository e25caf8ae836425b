"""A rule whose letter is a dash for a kind of device never speaks there, whatever it sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mdmcore.http import Exchange, Request, observation_exchange
from mdmcore.inspector import Inspector
from mdmcore.inspector.findings import FindingStore
from mdmcore.observation import Observation
from mdmcore.rules import PROFILES, RULES, Hit, Rule, Severity, registry, run_rules
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.rules.life import Life
from mdmcore.rules.overrides import parse_overrides
from mdmcore.rules.registry import Outcry, run_silent_rules
from mdmcore.rules.scene import Scene
from tests.support.story import (
    NOW,
    Story,
    answer,
    certificate,
    device_cred,
    document,
    package1,
    rules_of,
)


def shouting(scene: Scene) -> Iterator[Hit]:
    """A rule that sees its mistake everywhere, and finds it grave."""
    yield scene.hit("here", part="request", severity=Severity.ERROR)


def scene_of(kind: Kind, profile: str) -> Scene:
    """An exchange of that kind in a life of that profile."""
    exchange = Exchange(
        id="x:1", index=1, capture="x", request=Request(method="", url=""), started=NOW
    )
    life = Life(id="life-1", profile=profile, is_profile_known=True)
    return Scene(
        exchange=exchange, decoded=Decoded(kind=kind), life=life, before=life, profile=profile
    )


@pytest.fixture
def all_shout(monkeypatch: pytest.MonkeyPatch) -> dict[str, Rule]:
    """Every rule sees its mistake everywhere."""
    loud = {name: replace(rule, check=shouting) for name, rule in RULES.items()}
    monkeypatch.setattr(registry, "RULES", loud)
    return loud


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("kind", Kind)
def test_of_all_that_could_speak_only_what_applies_does(
    kind: Kind, profile: str, all_shout: dict[str, Rule]
) -> None:
    spoken = {one.rule.id for one in run_rules(scene_of(kind, profile))}
    assert spoken == {
        name
        for name, rule in all_shout.items()
        if kind in rule.kinds
        and not rule.is_about_device
        and rule.severity(profile, Life(profile=profile)).rank
    }
    assert all(RULES[name].entry.severity(profile) is not Severity.NONE for name in spoken)


def test_of_what_a_device_tells_only_its_own_rules_speak(all_shout: dict[str, Rule]) -> None:
    scene = scene_of(Kind.OTHER, "win10")
    told = observation_exchange(Observation(source="x", text=""), id="x:1", index=1, capture="x")
    spoken = {one.rule.id for one in run_rules(replace(scene, exchange=told))}
    assert spoken == {name for name, rule in all_shout.items() if rule.is_about_device}


def test_of_messages_alone_no_rule_on_http_speaks(all_shout: dict[str, Rule]) -> None:
    scene = scene_of(Kind.SYNCML, "win10")
    bare = replace(scene, exchange=replace(scene.exchange, is_bare=True))
    phases = {one.rule.entry.phase for one in run_rules(bare)}
    assert phases.isdisjoint({"tls-http", "transport-dm"})
    assert "session" in phases


@pytest.mark.parametrize("profile", PROFILES)
def test_of_all_that_could_be_missed_only_what_applies_is(
    profile: str, all_shout: dict[str, Rule]
) -> None:
    life = Life(id="life-1", profile=profile)
    for one in run_silent_rules(life, NOW):
        assert one.rule.entry.severity(profile) is not Severity.NONE


@pytest.mark.parametrize("profile", PROFILES)
def test_what_was_found_is_dropped_when_the_device_turns_out_to_be_another(profile: str) -> None:
    store, life = FindingStore(), Life(id="life-1", profile="wp8")
    hits = tuple(shouting(scene_of(Kind.OTHER, "wp8")))
    outcries = [Outcry(rule=rule, severity=Severity.ERROR, hits=hits) for rule in RULES.values()]
    store.add(outcries, life)
    known = Life(id="life-1", profile=profile, is_profile_known=True)
    found = store.findings(lambda life_id: life_id, lambda _id: known)
    assert {one.rule for one in found} == {
        name for name, rule in RULES.items() if rule.severity(profile, known).rank
    }
    assert not {one.rule for one in found} & {
        name for name, rule in RULES.items() if rule.entry.severity(profile) is Severity.NONE
    }


def test_what_a_phone_alone_minds_is_forgotten_when_it_is_none() -> None:
    story = Story("auto")
    wap = document(hub=None).replace(b'"AuxNumRetries" value="10"', b'"AuxNumRetries" value="0"')
    found = story.enroll(wap, context=())
    assert rules_of(found.findings) == {"omadmretry-first-set-zero"}
    assert rules_of(story.inspector.findings()) == {"omadmretry-first-set-zero"}
    asked = package1(cred=device_cred())
    story.sync(
        asked,
        answer("1", "212"),
        url="https://mdm.example.test/omadm?mode=Maintenance&Platform=WoA",
    )
    lives = story.inspector.lives()
    assert [life.profile for life in lives] == ["win10"]
    assert "omadmretry-first-set-zero" not in rules_of(story.inspector.findings())


def test_asking_for_it_does_not_make_a_rule_apply() -> None:
    wanted = parse_overrides(severities=["cert-subject-not-printable=error"])
    for profile, speaks in (("wp8", True), ("wp81", True), ("win81", False), ("win10", False)):
        story = Story(profile)
        story.inspector = Inspector(profile, overrides=wanted)
        found = story.enroll(document(profile=profile, client=certificate(tag=0x0C)))
        assert ("cert-subject-not-printable" in rules_of(found.findings)) is speaks
        assert ("cert-subject-not-printable" in rules_of(story.inspector.findings())) is speaks
