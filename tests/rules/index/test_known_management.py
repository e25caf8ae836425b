"""How grave mistakes of DM sessions are in each state of what is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from mdmcore.inspector import ArtifactSettings, inspect_artifact
from mdmcore.rules import Finding, Severity, entry
from mdmcore.syncml.model import Alert, Item, Results, SyncML
from mdmcore.syncml.xml import serialize_syncml
from tests.rules.index.cases import enrolled, has_letter
from tests.rules.index.test_known_enrollment import known, profiles, severity_in
from tests.support.commands import command
from tests.support.lives import Sessions
from tests.support.renewal import renew, renewed_document
from tests.support.story import (
    NOW,
    answer,
    certificate,
    device_cred,
    header_status,
    package,
    package1,
    package1_statuses,
    rules_of,
    server_cred,
)

# --- what a loose message or certificate says, and what it says in a life

NO_STATUS = "missing-synchdr-status"
VERSION = "version-mismatch"
EXPIRED = "cert-expired"


def loose(data: bytes, *, days: int = 0) -> set[str]:
    """What is found in a loose file, so many days later."""
    settings = ArtifactSettings(profile="wp8", now=NOW + timedelta(days=days))
    (report,) = inspect_artifact(data, name="x", settings=settings)
    return rules_of(report.findings)


def unanswered(msg_id: str = "2") -> SyncML:
    """A server's message without a Status for SyncHdr."""
    return package(msg_id, *package1_statuses(), cred=server_cred(), from_server=True)


@known(6, NO_STATUS)
@profiles
def test_whether_a_header_is_to_be_answered_shows_in_a_life(profile: str) -> None:
    without = serialize_syncml(unanswered())
    assert NO_STATUS in loose(without)
    assert NO_STATUS not in loose(serialize_syncml(package1())), "it is the device's"
    first = package1(cred=device_cred())
    assert NO_STATUS in rules_of(enrolled(profile).sync(first, without).findings)
    leaving = replace(first, commands=(*first.commands, Alert(cmd_id="9", code="1223")))
    assert NO_STATUS not in rules_of(enrolled(profile).sync(leaving, without).findings)


def of_version_1_1(message: SyncML) -> bytes:
    """The message as one of DM 1.1."""
    text = serialize_syncml(message)
    for new, old in ((b"SYNCML1.2", b"SYNCML1.1"), (b"DM/1.2", b"DM/1.1"), (b">1.2<", b">1.1<")):
        assert new in text
        text = text.replace(new, old)
    return text


@known(6, VERSION)
@profiles
def test_which_version_was_asked_for_shows_in_a_life(profile: str) -> None:
    back = answer("2", "212")
    old, mixed = of_version_1_1(back), serialize_syncml(back).replace(b"DM/1.2", b"DM/1.1")
    assert VERSION in loose(mixed)
    assert VERSION not in loose(old), "alone it is of one version"
    asked = package1(cred=device_cred())
    assert VERSION in rules_of(enrolled(profile).sync(asked, old).findings)
    found = enrolled(profile).sync(of_version_1_1(asked), old).findings
    assert VERSION not in rules_of(found)


@known(6, EXPIRED)
@profiles
def test_which_certificate_is_the_last_shows_in_a_life(profile: str) -> None:
    assert EXPIRED not in loose(certificate())
    assert EXPIRED in loose(certificate(), days=400)
    for is_renewed, expected in ((False, "error"), (True, "")):
        story = enrolled(profile)
        story.now += timedelta(days=300)
        if is_renewed:
            renew(story, wap=renewed_document(certificate(key="device2", days=900)))
        story.now += timedelta(days=100)
        story.sync(package1(cred=device_cred()), answer("2", "212"))
        assert severity_in(story, EXPIRED) == expected


# --- get-after-replace-differs

DIFFERS = "get-after-replace-differs"
LOCK = "./Vendor/MSFT/DeviceLock/Provider/ExampleMDM/MinDevicePasswordLength"
XML_NODE = "./Vendor/MSFT/PolicyManager/My/ApplicationManagement/ApplicationRestrictions"
XML = '<Policy xmlns="x"><App a="1" b="2">E</App><Deny/></Policy>'
SAME_XML = '<Policy xmlns="x"><App b="2" a="1">E</App><Deny></Deny></Policy>'


@known(8, DIFFERS)
@profiles
@pytest.mark.parametrize(
    ("uri", "written", "read", "severity", "words"),
    [
        (LOCK, "6", "6", "", ""),
        (LOCK, " 6 ", " 6 ", "", ""),
        (LOCK, "6", " 6 ", "info", "the same without blanks"),
        (LOCK, "6", "06", "info", "the same as number"),
        (XML_NODE, XML, XML, "", ""),
        (XML_NODE, XML, SAME_XML, "info", "the same as XML"),
        (XML_NODE, XML, SAME_XML.replace(">E<", ">F<"), "warning", "no way of comparing"),
        (LOCK, "6", "8", "warning", "no way of comparing"),
        (LOCK, "6", "", "warning", "no way of comparing"),
    ],
)
def test_a_value_that_reads_back_otherwise(
    uri: str, written: str, read: str, severity: str, words: str, profile: str
) -> None:
    sessions = Sessions(profile)
    sessions.hold(command("Add", uri, written))
    told = Results(cmd_id="40", msg_ref="2", cmd_ref="9", items=(Item(source=uri, data=read),))
    found = sessions.hold(command("Get", uri), results=(told,))
    said = [one for one in found if one.rule == DIFFERS]
    assert [one.severity.value for one in said] == ([severity] if severity else [])
    assert all(words in one.message for one in said)
    assert severity_in(sessions.story, DIFFERS) == severity


def test_the_gravest_difference_of_a_life_counts() -> None:
    sessions = Sessions("wp8")
    sessions.hold(command("Add", LOCK, "6"))
    for read in ("06", "8", "06"):
        told = Results(cmd_id="40", msg_ref="2", cmd_ref="9", items=(Item(source=LOCK, data=read),))
        sessions.hold(command("Get", LOCK), results=(told,))
    (found,) = [one for one in sessions.story.inspector.findings() if one.rule == DIFFERS]
    assert (found.severity, found.count) == (Severity.WARNING, 3)


def test_the_blanks_of_a_log_are_nobodys() -> None:
    sessions = Sessions("wp8")
    sessions.hold(command("Add", LOCK, "6"))
    sessions.story.verbatim = False
    told = Results(cmd_id="40", msg_ref="2", cmd_ref="9", items=(Item(source=LOCK, data=" 6 "),))
    assert DIFFERS not in rules_of(sessions.hold(command("Get", LOCK), results=(told,)))


# --- the server's MsgID

NOT_INCREASING = "server-msgid-not-increasing"
MIRRORED = "server-msgid-mirrored"
UNEXPECTED = "server-msgid-first-unexpected"


def counted(*ids: str) -> Callable[[str], Iterable[Finding]]:
    """A session whose server answers with these MsgIDs."""

    def play(profile: str) -> Iterable[Finding]:
        story = enrolled(profile)
        get = command("Get", "./DevDetail/SwV")
        story.sync(package1(cred=device_cred()), answer(ids[0], "212", "1", get))
        for number, msg_id in enumerate(ids[1:], start=2):
            done = replace(header_status("200", ids[number - 2]), cmd_id="1")
            told = package1_statuses(ids[number - 2])[0]
            of_get = replace(told, cmd="Get", cmd_ref="9")
            asked = package(str(number), done, of_get)
            more = (get,) if number <= len(ids) - 1 else ()
            story.sync(asked, answer(msg_id, "200", str(number), *more))
        return story.inspector.findings()

    return play


@known(9, NOT_INCREASING, MIRRORED, UNEXPECTED)
@profiles
@pytest.mark.parametrize(
    ("ids", "rules"),
    [
        (("2", "2"), {NOT_INCREASING}),
        (("2", "1"), {NOT_INCREASING}),
        (("2", "3", "4"), set()),
        (("1", "2", "3"), {MIRRORED}),
        (("7", "8"), {UNEXPECTED}),
        (("7", "7"), {UNEXPECTED, NOT_INCREASING}),
    ],
)
def test_only_a_msgid_that_does_not_increase_is_an_error(
    ids: tuple[str, ...], rules: set[str], profile: str
) -> None:
    found = {one.rule: one.severity for one in counted(*ids)(profile)}
    assert found.keys() == {rule for rule in rules if has_letter(rule, profile)}
    for rule, severity in found.items():
        expected = Severity.ERROR if rule == NOT_INCREASING else Severity.INFO
        assert severity is expected is entry(rule).severity(profile)
