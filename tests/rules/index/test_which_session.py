"""Which rule speaks of Statuses that are not there or stand elsewhere, and of an encoding."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.rules import Finding
from mdmcore.syncml.model import Alert, AnyCommand, Item, Meta, Status, SyncML
from mdmcore.syncml.wbxml import encode_wbxml
from mdmcore.syncml.xml import serialize_syncml
from tests.rules.index.cases import Case, enrolled, judge, which
from tests.support.story import (
    DM_URL,
    answer,
    device_cred,
    document,
    header_status,
    package,
    package1,
    package1_statuses,
    server_cred,
)

FIRST = package1(cred=device_cred())
NONCE = b"n" * 16

type Play = Callable[[str], Iterable[Finding]]

# --- Statuses: statement 9

STATUSES = (
    "challenge-incomplete-status",
    "generic-alert-unanswered",
    "missing-command-status",
    "synchdr-status-not-first",
    "status-order-mismatch",
)


def told(*commands: AnyCommand, asked: SyncML = FIRST, proved: bool = True) -> Play:
    """A first session that is answered with exactly these commands."""
    cred = server_cred() if proved else None
    back = package("2", *commands, cred=cred, from_server=True)
    return lambda profile: enrolled(profile).sync(asked, back).findings


def alert(code: str) -> Alert:
    """An alert of the device beside package 1's own commands."""
    meta = Meta(type="com.example:news", format="chr")
    return Alert(cmd_id="4", code=code, items=(Item(meta=meta, data="x"),))


def with_alert(code: str, message: SyncML = FIRST) -> SyncML:
    """The device's first message with an alert more."""
    return replace(message, commands=(*message.commands, alert(code)))


def later(code: str) -> Play:
    """A second message of the device whose alert is not answered."""

    def play(profile: str) -> Iterable[Finding]:
        story = enrolled(profile)
        story.sync(FIRST, answer("2", "212"))
        asked = package("2", header_status("212", "2"), alert(code))
        return story.sync(asked, answer("3", "200", "2")).findings

    return play


def _statuses(name: str, play: Play, speaks: str, *beside: str) -> Case:
    silent = tuple(rule for rule in STATUSES if rule != speaks)
    return Case(statement=9, name=name, play=play, speaks=(speaks,), silent=silent, beside=beside)


HEADER = header_status("212")
OF_ALERT, OF_REPLACE = package1_statuses()


def challenged(code: str, *more: Status, asked: SyncML = FIRST) -> Play:
    """A challenge, with these Statuses beside it."""
    challenge = header_status(code, next_nonce=NONCE)
    return told(challenge, *more, asked=asked, proved=False)


@which(
    *(
        _statuses(
            f"beside-{code}-{name}",
            challenged(code, *more, asked=asked),
            STATUSES[0],
            "dm-credentials-refused",
        )
        for code in ("401", "407")
        for name, more, asked in (
            ("none", (), FIRST),
            ("one", package1_statuses(data=code)[:1], FIRST),
            ("1224", package1_statuses(data=code), with_alert("1224")),
            ("1226", package1_statuses(data=code), with_alert("1226")),
            ("without-cred", (), package1()),
        )
    ),
    *(
        _statuses(f"alert-{code}", told(HEADER, *package1_statuses(), asked=asked), STATUSES[1])
        for code, asked in (("1224", with_alert("1224")), ("1226", with_alert("1226")))
    ),
    *(_statuses(f"later-alert-{code}", later(code), STATUSES[1]) for code in ("1224", "1226")),
    _statuses("no-replace", told(HEADER, OF_ALERT), STATUSES[2]),
    _statuses("no-alert", told(HEADER, OF_REPLACE), STATUSES[2]),
    _statuses("later-alert-1222", later("1222"), STATUSES[2]),
    _statuses("header-last", told(OF_ALERT, OF_REPLACE, HEADER), STATUSES[3]),
    _statuses("header-second", told(OF_ALERT, HEADER, OF_REPLACE), STATUSES[3]),
    _statuses("others-swapped", told(HEADER, OF_REPLACE, OF_ALERT), STATUSES[4]),
)
def test_statuses_that_are_missing_or_out_of_order(case: Case, profile: str) -> None:
    judge(case, profile)


# --- the encoding that was ordered: statement 12

ENCODINGS = ("w7-encoding-unsupported", "encoding-mismatch")
BINARY = encode_wbxml(FIRST)
IN_XML = serialize_syncml(answer("2", "212"))


def ordered(status: int, body: bytes, media_type: str) -> Play:
    """A device that was told to send WBXML does so, and is answered like that."""

    def play(profile: str) -> Iterable[Finding]:
        wap = document(profile=profile)
        assert SYNCML_XML_MEDIA_TYPE.encode() in wap
        wap = wap.replace(SYNCML_XML_MEDIA_TYPE.encode(), SYNCML_WBXML_MEDIA_TYPE.encode(), 1)
        story = enrolled(profile, wap)
        asked = BINARY
        found = story.post(DM_URL, asked, body, media_type=SYNCML_WBXML_MEDIA_TYPE, status=status)
        assert found.kind == "syncml"
        return found.findings

    return play


def _encoding(name: str, play: Play, speaks: str) -> Case:
    silent = tuple(rule for rule in ENCODINGS if rule != speaks)
    return Case(statement=12, name=name, play=play, speaks=(speaks,), silent=silent)


@which(
    *(
        _encoding(f"{name}-{status}", ordered(status, body, SYNCML_WBXML_MEDIA_TYPE), ENCODINGS[0])
        for status in (400, 415, 500, 501)
        for name, body in (("refused", b""), ("refused-in-xml", IN_XML))
    ),
    _encoding("answered-in-xml", ordered(200, IN_XML, SYNCML_XML_MEDIA_TYPE), ENCODINGS[1]),
)
def test_wbxml_that_a_server_ordered(case: Case, profile: str) -> None:
    judge(case, profile)
