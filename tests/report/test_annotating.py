"""Annotating in two passes: what is known at the end stands on the exchange it is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from mdmcore.http import Exchange
from mdmcore.inspector import Inspection, Inspector
from mdmcore.pki.request import build_phone_csr
from mdmcore.report.annotating import Annotating
from mdmcore.rules.overrides import parse_overrides
from tests.support.keys import load_key
from tests.support.story import NOW, Story, answer, device_cred, package1


class Told(Story):
    """A story that keeps its exchanges."""

    def __init__(self) -> None:
        super().__init__("wp8", peer=None)
        self.exchanges: list[Exchange] = []
        inspect = self.inspector.inspect

        def both(exchange: Exchange) -> Inspection:
            self.exchanges.append(exchange)
            return inspect(exchange)

        self.inspector.inspect = both  # type: ignore[method-assign]


def annotation_rows(
    exchanges: Sequence[Exchange], annotating: Annotating, *, days: int | None = None
) -> list[dict[str, Any]]:
    for one in exchanges:
        annotating.look(one)
    if days is not None:
        annotating.tell_time(NOW + timedelta(days=days))
    annotating.conclude()
    return [dict(annotating.annotate(one).notes.data) for one in exchanges]


def rules_in(data: dict[str, Any]) -> set[str]:
    return {entry["rule"] for entry in data["findings"]}


def test_a_life_has_the_id_that_it_has_in_the_end() -> None:
    story = Told()
    story.discover()
    story.enroll()
    story.discover(email="bert@example.test")
    story.enroll(csr=build_phone_csr(load_key("device2")), username="bert@example.test")
    at_first = story.sync(package1(), answer("1", "200"))
    story.sync(package1("2", cred=device_cred()), answer("2", "212", "2"))
    found = annotation_rows(story.exchanges, Annotating(lambda: Inspector("wp8")))
    final = story.inspector.current_life(at_first.life or "")
    assert final != at_first.life
    assert [data["life"] for data in found[-2:]] == [final, final]


def test_a_silence_is_written_to_the_enrolment_with_its_place_alone() -> None:
    story = Told()
    story.enrolled()
    silent = annotation_rows(story.exchanges, Annotating(lambda: Inspector("wp8")), days=30)
    early = annotation_rows(story.exchanges, Annotating(lambda: Inspector("wp8")))
    (told,) = [data for data, before in zip(silent, early, strict=True) if data != before]
    (rule,) = rules_in(told) - rules_in(early[silent.index(told)])
    (entry,) = [entry for entry in told["findings"] if entry["rule"] == rule]
    assert entry["count"] == len(entry["places"]) == 1
    assert told["kind"] == "rst"


def test_what_is_weighed_otherwise_is_written_so() -> None:
    story = Told()
    story.enrolled()
    story.sync(package1(), answer("1", "200"))
    (usual, *_) = sorted(
        annotation_rows(story.exchanges, Annotating(Inspector))[-1]["findings"], key=str
    )
    overrides = parse_overrides((), (f"{usual['rule']}=info",))
    data = annotation_rows(story.exchanges, Annotating(lambda: Inspector(overrides=overrides)))[-1]
    assert {entry["severity"] for entry in data["findings"] if entry["rule"] == usual["rule"]} == {
        "info"
    }
