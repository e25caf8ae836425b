"""Changing the provisioning document of an answer: one branch or parm, and nothing beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.provisioning import (
    Characteristic,
    Parm,
    ProvisioningDocument,
    parse_provisioning,
)
from mdmcore.http import Response
from mdmcore.server.faults import Answered, Step
from mdmcore.server.faults import documents as d
from mdmcore.server.faults.texts import element_text, with_text
from tests.server.faults.conftest import RightAnswers

BRANCH = Characteristic(
    type="A",
    parms=(
        Parm(name="one", value="1", datatype="integer"),
        Parm(name="two", value=None),
        Parm(name="one", value="3"),
    ),
    characteristics=(Characteristic(type="B"),),
)
DOCUMENT = ProvisioningDocument(
    characteristics=(
        Characteristic(type="X", characteristics=(BRANCH, Characteristic(type="C"))),
        Characteristic(type="Y", characteristics=(BRANCH,)),
        BRANCH,
    )
)
OTHER = Characteristic(type="other")


@pytest.fixture
def answered(right: RightAnswers) -> Answered:
    """The answer with the document that enrols."""
    return right[Step.ENROLL]


def document_of(response: Response | None) -> ProvisioningDocument:
    assert response is not None
    assert response.headers.get("Content-Length") == str(len(response.body or b""))
    data = decode_base64(element_text(response.body or b"", d.TOKEN) or "")
    assert data is not None
    return parse_provisioning(data)


# --- the document in its answer ---


def test_the_bytes_of_the_document(answered: Answered) -> None:
    data = d.document_bytes(answered)
    assert data is not None
    assert parse_provisioning(data).find("APPLICATION") is not None


def test_other_bytes_change_the_token_only(answered: Answered) -> None:
    found = d.with_document_bytes(answered, lambda data: data + b"\n<!-- \xff")
    assert found is not None
    body = found.body or b""
    assert decode_base64(element_text(body, d.TOKEN) or "") == (
        (d.document_bytes(answered) or b"") + b"\n<!-- \xff"
    )
    old = element_text(answered.body, d.TOKEN) or ""
    assert with_text(body, d.TOKEN, old) == answered.body


def test_a_changed_document_leaves_all_other_branches(answered: Answered) -> None:
    before = document_of(answered.response)
    found = d.with_branch(answered, ("APPLICATION",), d.set_parm("NAME", "Other"))
    after = document_of(found)
    application = after.find("APPLICATION")
    assert application is not None
    assert application.value("NAME") == "Other"
    restored = d.set_parm("NAME", (before.find("APPLICATION") or OTHER).value("NAME"))
    assert d.change_branch(after, ("APPLICATION",), restored) == before


def test_the_top_branches_change_as_those_of_one_branch(answered: Answered) -> None:
    before = document_of(answered.response)
    after = document_of(d.with_root(answered, d.add_branch(OTHER)))
    assert after == replace(before, characteristics=(*before.characteristics, OTHER))


def test_what_changes_nothing_is_no_mistake(answered: Answered) -> None:
    assert d.with_document_bytes(answered, lambda data: data) is None
    assert d.with_document(answered, lambda document: document) is None
    assert d.with_branch(answered, ("NoSuchBranch",), lambda _: None) is None
    assert d.with_branch(answered, ("APPLICATION",), d.drop_parm("NOSUCHPARM")) is None
    assert d.with_root(answered, lambda _: None) is None


@pytest.mark.parametrize("step", [Step.PROBE, Step.DISCOVER, Step.POLICY, Step.MANAGE, Step.HUB])
def test_an_answer_without_a_document_has_no_room(right: RightAnswers, step: Step) -> None:
    assert d.document_bytes(right[step]) is None
    assert d.with_document_bytes(right[step], lambda _: b"x") is None
    assert d.with_root(right[step], d.add_branch(OTHER)) is None


# --- branches ---


def test_a_branch_changes_at_its_path_only() -> None:
    found = d.change_branch(DOCUMENT, ("X", "A"), lambda _: OTHER)
    x = Characteristic(type="X", characteristics=(OTHER, Characteristic(type="C")))
    assert found.characteristics == (x, *DOCUMENT.characteristics[1:])


def test_any_branch_may_lead_there() -> None:
    found = d.change_branch(DOCUMENT, (d.ANY, "A"), lambda _: None)
    assert found.characteristics == (
        Characteristic(type="X", characteristics=(Characteristic(type="C"),)),
        Characteristic(type="Y"),
        BRANCH,
    )


def test_the_case_of_a_type_counts() -> None:
    assert d.change_branch(DOCUMENT, ("x", "A"), lambda _: None) == DOCUMENT


# --- parms ---


def parms(change: d.BranchChange) -> list[tuple[str, str | None, str | None]]:
    """What a change makes of the parms; the rest of the branch must stay."""
    found = change(BRANCH)
    assert found is not None
    assert replace(found, parms=BRANCH.parms) == BRANCH
    return [(parm.name, parm.value, parm.datatype) for parm in found.parms]


ONE, TWO, THREE = ("one", "1", "integer"), ("two", None, None), ("one", "3", None)


def test_parms_of_a_name_are_changed_and_no_others() -> None:
    assert parms(d.set_parm("one", "9")) == [("one", "9", "integer"), TWO, ("one", "9", None)]
    assert parms(d.set_parm("two", None)) == [ONE, TWO, THREE]
    assert parms(d.set_datatype("one", None)) == [("one", "1", None), TWO, THREE]
    assert parms(d.rename_parm("two", "TWO")) == [ONE, ("TWO", None, None), THREE]
    assert parms(d.drop_parm("one")) == [TWO]
    assert parms(d.edit_parm("two", lambda text: f"{text}!")) == [ONE, ("two", "!", None), THREE]
    assert parms(d.add_parm("two", "2", "string")) == [ONE, TWO, THREE, ("two", "2", "string")]


@pytest.mark.parametrize(
    "change",
    [
        d.set_parm("none", "9"),
        d.set_datatype("none", "x"),
        d.rename_parm("none", "x"),
        d.drop_parm("none"),
        d.edit_parm("none", str.upper),
        d.set_parm("ONE", "9"),
    ],
)
def test_a_parm_that_is_not_there_is_not_made(change: d.BranchChange) -> None:
    assert parms(change) == [ONE, TWO, THREE]


def test_a_branch_is_put_behind_the_others() -> None:
    found = d.add_branch(OTHER)(BRANCH)
    assert found == replace(BRANCH, characteristics=(Characteristic(type="B"), OTHER))


def test_changes_are_made_one_after_the_other() -> None:
    both = d.together(d.rename_parm("two", "x"), d.set_parm("x", "2"))
    assert parms(both) == [ONE, ("x", "2", None), THREE]


def test_a_branch_that_was_taken_away_is_changed_no_more() -> None:
    def never(_branch: Characteristic) -> Characteristic:
        raise AssertionError

    assert d.together(lambda _: None, never)(BRANCH) is None
