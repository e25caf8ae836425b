"""What of a finding stays the same from capture to capture."""

from __future__ import annotations

from mdmcore.report.identity import fingerprint, sightings, where_of, who_of
from mdmcore.report.model import FindingRow, PlaceRow
from mdmcore.report.spool import ExchangeFacts


def finding(*places: PlaceRow, rule: str = "a-rule") -> FindingRow:
    return FindingRow(
        rule=rule,
        severity="error",
        message="",
        effect="",
        fix="",
        sources=(),
        life="life-1",
        caused_by=(),
        count=max(len(places), 1),
        places=places,
    )


def place(exchange: str, **where: str) -> PlaceRow:
    return PlaceRow(exchange=exchange, where={"part": "response", **where}, evidence="")


def facts(*ids: str, host: str = "mdm.test") -> dict[str, ExchangeFacts]:
    return {one: ExchangeFacts(id=one, host=host, kind="syncml") for one in ids}


def test_the_user_tells_a_device_before_its_id() -> None:
    assert who_of({"email": "A@b.test", "device_id": "1"}) == "a@b.test"
    assert who_of({"device_id": "ID-1", "peer": "192.0.2.1"}) == "id-1"
    assert who_of({"peer": "192.0.2.1"}) == ""


def test_positions_offsets_and_ids_change() -> None:
    guid = "3F2504E0-4F89-11D3-9A0C-0305E82C3301"
    assert where_of({"part": "response", "xpath": "/a/b[2]/c[1]"}) == "response xpath /a/b/c"
    assert where_of({"part": "request", "offset": "12", "line": "3"}) == "request"
    assert where_of({"part": "tls", "field": f"x {{{guid}}}"}) == "tls field x "
    assert where_of({"part": "response", "header": "Content-Range"}) == (
        "response header Content-Range"
    )


def test_the_same_mistake_in_another_capture_is_the_same() -> None:
    one = sightings(finding(place("a:1", xpath="/x[1]"), place("a:9", xpath="/x[7]")), {}, facts())
    other = sightings(finding(place("b.mitm:4", xpath="/x[3]")), {}, facts())
    assert one == other
    assert fingerprint(one) == fingerprint(other)


def test_another_server_step_device_rule_or_place_is_another() -> None:
    usual = sightings(finding(place("a:1", header="A")), {"email": "u"}, facts("a:1"))
    others = [
        sightings(finding(place("a:1", header="A")), {"email": "v"}, facts("a:1")),
        sightings(finding(place("a:1", header="B")), {"email": "u"}, facts("a:1")),
        sightings(finding(place("a:1", header="A")), {"email": "u"}, facts("a:1", host="o")),
        sightings(finding(place("a:1", header="A"), rule="b"), {"email": "u"}, facts("a:1")),
        sightings(finding(place("a:1", header="A")), {"email": "u"}, {}),
    ]
    assert len({fingerprint(one) for one in (usual, *others)}) == 6


def test_a_finding_without_places_has_an_identity() -> None:
    assert len(sightings(finding(), {}, {})) == 1
