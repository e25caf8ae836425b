"""Findings as the page lists them."""

from dataclasses import replace

from mdmcore.report.html.finding_view import SHOWN_PLACES, Cause, Known, finding_views
from mdmcore.rules import Place
from tests.report.html.records import finding

KNOWN = {"c:1": Known(number=1, kind="rst"), "c:2": Known(number=2, kind="syncml")}


def test_places_are_named_by_capture_where_there_are_several() -> None:
    one = finding(rule="a", severity="error", numbers=(1, 2, 3))
    (view,) = finding_views([one], KNOWN, captures=["c"])
    assert [(place.exchange, place.number) for place in view.places] == [
        ("1", 1),
        ("2", 2),
        ("3", 0),
    ]
    assert view.kinds == ("rst", "syncml")
    (view,) = finding_views([one], KNOWN, captures=["c", "d"])
    assert [place.exchange for place in view.places] == ["c:1", "c:2", "c:3"]


def test_further_places_and_those_that_are_not_listed_are_counted() -> None:
    one = finding(rule="a", severity="error", numbers=tuple(range(1, 21)))
    (view,) = finding_views([replace(one, count=50)], KNOWN, captures=["c"])
    assert len(view.places) == SHOWN_PLACES
    assert len(view.further) == 20 - SHOWN_PLACES
    assert view.more == 30


def test_causes_lead_to_the_finding_of_the_same_device() -> None:
    effect = replace(finding(rule="a", severity="error", numbers=(1,)), caused_by=("b", "c"))
    elsewhere = replace(finding(rule="b", severity="error", numbers=(1,)), life="life-2")
    here = finding(rule="b", severity="error", numbers=(1,))
    views = finding_views([effect, elsewhere, here], KNOWN, captures=["c"])
    assert views[0].causes == (Cause(rule="b", finding=3), Cause(rule="c", finding=0))


def test_a_place_has_what_finds_it() -> None:
    where = {"part": "response", "line": "3", "column": "4"}
    place = Place(exchange="c:1", where=where, evidence="x")
    one = replace(finding(rule="a", severity="error", numbers=(1,)), places=(place,))
    (view,) = finding_views([one], KNOWN, captures=["c"])
    assert (view.places[0].where, view.places[0].evidence) == ("response, line 3, column 4", "x")
