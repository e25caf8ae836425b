"""Changing a SyncML answer as values: what is meant changes, form and all the rest stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mdmcore.enrollment.provisioning_model import ApplicationParms
from mdmcore.http import Headers, Request
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.server.faults import Answered, Step
from mdmcore.server.faults import messages as m
from mdmcore.server.settings import ProvisioningSettings
from mdmcore.syncml.model import Chal, Command, Item, SyncML
from mdmcore.syncml.wire import decode_body, encode_body
from tests.matrix.play import Stage
from tests.server.faults.conftest import RightAnswers
from tests.server.faults.lives import message_of

GET = Command(name="Get", cmd_id="1", items=(Item(target="./DevInfo/Mod"),))
FORMS = [SYNCML_XML_MEDIA_TYPE, SYNCML_WBXML_MEDIA_TYPE]


@pytest.fixture(params=FORMS, ids=["xml", "wbxml"])
def session(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[list[Answered]]:
    """The answers of a first session, in that form."""
    ordered = ProvisioningSettings(application=ApplicationParms(default_encoding=request.param))
    stage = Stage(tmp_path, "wp8", settings={"provisioning": ordered})
    stage.enroll()
    before = len(stage.played.exchanges)
    stage.session()
    yield [
        Answered(step=Step.MANAGE, request=one.request, response=one.response, tools=stage.tools)
        for one in stage.played.exchanges[before:]
        if one.response is not None
    ]
    stage.close()


@pytest.fixture
def answered(session: list[Answered]) -> Answered:
    """The answer to package 1."""
    assert session[0].response.media_type in FORMS
    return session[0]


def right_message(answered: Answered) -> SyncML:
    return message_of(answered.response)


# --- reading ---


def test_both_messages_of_an_exchange_are_read(answered: Answered) -> None:
    sent, own = m.sent_message(answered), m.answer_message(answered)
    assert sent is not None
    assert own is not None
    assert sent.header.source == own.header.target
    assert m.message_of(answered.request) == sent


@pytest.mark.parametrize("step", [Step.PROBE, Step.ENROLL, Step.HUB])
def test_what_is_no_message_has_no_room(right: RightAnswers, step: Step) -> None:
    answered = right[step]
    assert m.answer_message(answered) is None
    assert m.sent_message(answered) is None
    assert m.with_message(answered, lambda message: m.appended(message, GET)) is None
    assert m.with_header_fields(answered, lambda header: replace(header, msg_id="9")) is None
    assert not m.is_xml(answered)


# --- changing ---


def test_a_changed_message_keeps_form_and_headers(answered: Answered) -> None:
    found = m.with_message(answered, lambda message: m.appended(message, GET))
    assert found is not None
    assert found.status == answered.response.status
    assert found.headers.get("Content-Length") == str(len(found.body or b""))
    assert found.headers.without("Content-Length") == answered.response.headers.without(
        "Content-Length"
    )
    _, form = decode_body(answered.body, answered.response.headers)
    assert decode_body(found.body or b"", found.headers)[1] == form


def test_nothing_changed_is_no_mistake(answered: Answered) -> None:
    assert m.with_message(answered, lambda _: None) is None
    assert m.with_message(answered, lambda message: message) is None
    assert m.with_header_fields(answered, lambda header: header) is None
    assert m.with_header_status(answered, lambda status: status) is None


def test_header_fields_change_and_no_command_does(answered: Answered) -> None:
    right = right_message(answered)
    found = m.with_header_fields(answered, lambda header: replace(header, session_id="other"))
    assert found is not None
    changed = message_of(found)
    assert changed.header.session_id == "other"
    assert changed.commands == right.commands
    restored = replace(changed.header, session_id=right.header.session_id)
    assert restored == right.header


def test_only_the_status_for_the_header_changes(answered: Answered) -> None:
    right = right_message(answered)
    assert len(right.statuses) > 1
    found = m.with_header_status(answered, lambda status: replace(status, data="555"))
    assert found is not None
    changed = message_of(found)
    codes = [(status.is_for_header, status.data) for status in changed.statuses]
    assert codes == [
        (status.is_for_header, "555" if status.is_for_header else status.data)
        for status in right.statuses
    ]
    assert changed.header == right.header
    assert len(changed.commands) == len(right.commands)


# --- commands ---


def test_work_is_neither_status_nor_results(answered: Answered) -> None:
    right = right_message(answered)
    work = m.work_of(right)
    assert set(map(id, work)) == set(map(id, right.commands)) - set(map(id, right.statuses))
    assert m.work_of(replace(right, commands=right.statuses)) == ()


@pytest.mark.parametrize(
    ("cmd_ids", "next_one"),
    [((), "1"), (("1", "2"), "3"), (("7", "2"), "8"), (("a", "²", ""), "1"), (("a", "4"), "5")],
)
def test_the_next_cmd_id_is_above_every_number(cmd_ids: tuple[str, ...], next_one: str) -> None:
    assert m.next_cmd_id(replace(GET, cmd_id=one) for one in cmd_ids) == next_one


def test_commands_are_put_behind_and_numbered_on(answered: Answered) -> None:
    right = right_message(answered)
    found = m.appended(right, GET, GET)
    assert found.commands[: len(right.commands)] == right.commands
    highest = max(int(one.cmd_id) for one in right.commands)
    added = found.commands[len(right.commands) :]
    assert [one.cmd_id for one in added] == [str(highest + 1), str(highest + 2)]
    assert [replace(one, cmd_id="1") for one in added] == [GET, GET]
    assert replace(found, commands=right.commands) == right


def test_xml_is_told_from_wbxml(answered: Answered) -> None:
    assert m.is_xml(answered) is answered.body.startswith(b"<")


# --- the device's message ---


def test_a_request_loses_its_credentials_and_nothing_else(answered: Answered) -> None:
    sent = message_of(answered.request)
    assert sent.header.cred is not None
    found = m.without_credentials(answered.request)
    left = message_of(found)
    assert left == replace(sent, header=replace(sent.header, cred=None))
    assert (found.method, found.url) == (answered.request.method, answered.request.url)
    names = [name for name, _ in found.headers]
    assert names == [name for name, _ in answered.request.headers]
    assert m.without_credentials(found) == found


def test_the_length_that_was_named_is_corrected(answered: Answered) -> None:
    headers = Headers([*answered.request.headers, ("Content-Length", "1")])
    found = m.without_credentials(replace(answered.request, headers=headers))
    assert found.headers.get("Content-Length") == str(len(found.body or b""))


def test_only_the_first_message_may_be_meant(answered: Answered) -> None:
    first = answered.request
    assert m.first_without_credentials(first) == m.without_credentials(first)
    sent, form = decode_body(first.body or b"", first.headers)
    later = replace(sent, header=replace(sent.header, msg_id="2"))
    request = replace(first, body=encode_body(later, form))
    assert m.first_without_credentials(request) == request
    assert m.without_credentials(request) != request


def test_a_request_that_is_no_message_stays() -> None:
    request = Request(method="GET", url="https://mdm.example.test/")
    assert m.without_credentials(request) == request


def test_another_nonce_leaves_type_and_format() -> None:
    chal = Chal(type="syncml:auth-md5", format="b64", next_nonce=b"old")
    found = m.with_nonce(chal, b"new")
    assert found == Chal(type="syncml:auth-md5", format="b64", next_nonce=b"new")
