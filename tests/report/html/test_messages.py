"""The names of messages."""

from __future__ import annotations

from mdmcore.enrollment.fault import serialize_fault
from mdmcore.http import Exchange
from mdmcore.inspector import Inspector
from mdmcore.report.analysis import Row
from mdmcore.report.html.messages import MessageNames
from tests.report.html.material import right_life, wrong_life
from tests.support.story import (
    Recorded,
    answer,
    device_cred,
    header_status,
    package,
    package1,
)


def names_of(exchanges: list[Exchange]) -> list[tuple[str, str]]:
    inspector, names = Inspector(), MessageNames()
    found = [names.of(Row(exchange=e, inspection=inspector.inspect(e))) for e in exchanges]
    return [(each.asked, each.answered) for each in found]


def test_messages_are_named_as_in_the_papers() -> None:
    found = names_of(right_life(sessions=2))
    assert [asked.split(",")[0].split(" anna")[0] for asked, _ in found] == [
        "Discovery probe",
        "Discover",
        "GetPolicies",
        "RST",
        "SyncML package 1 (1/1): Cred md5",
        "SyncML package 3 (1/2): 200",
        "SyncML package 1 (2/1): Cred md5",
        "SyncML package 3 (2/2): 200",
    ]
    assert [answered.split(":")[0] for _, answered in found] == [
        "200",
        "DiscoverResponse",
        "GetPoliciesResponse",
        "RSTR",
        *("SyncML package 2", "SyncML package 4") * 2,
    ]


def test_after_a_challenge_the_setup_begins_anew() -> None:
    found: list[Exchange] = []
    story = Recorded("wp8", found.append)
    story.sync(package1(), answer("1", "407", "1", next_nonce=b"n" * 16))
    story.sync(package1("2", cred=device_cred()), answer("2", "212", "2", is_proved=False))
    story.sync(package("3", header_status("200", "2")), answer("3", "200", "3"))
    asked = [name.split(" (")[0] for name, _ in names_of(found)]
    assert asked == ["SyncML package 1", "SyncML package 1", "SyncML package 3"]
    assert names_of(found)[0][1].startswith("SyncML package 2: challenge, 407")


def test_an_answer_that_did_not_come_has_no_name() -> None:
    assert names_of(wrong_life())[-1][1] == ""


def test_a_fault_is_one() -> None:
    found: list[Exchange] = []
    story = Recorded("wp8", found.append)
    story.enroll(response=serialize_fault("Authorization", "no"), status=500)
    assert names_of(found)[0][1].startswith("SOAP Fault: 500 fault")
