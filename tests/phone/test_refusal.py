"""What a refusal says."""

from __future__ import annotations

from mdmcore.errors import MdmError
from mdmcore.phone import NoAnswer, Refusal, Step


def test_a_refusal_is_one_line_with_step_and_place() -> None:
    error = Refusal("the key differs", step=Step.HUB, place="/x", evidence="seen")
    assert str(error) == "hub: the key differs (/x)"
    assert (error.step, error.place, error.reason, error.evidence) == (
        "hub",
        "/x",
        "the key differs",
        "seen",
    )
    assert isinstance(error, MdmError)


def test_without_a_place_none_is_shown() -> None:
    assert str(Refusal("why", step=Step.POLICY)) == "policy: why"


def test_evidence_is_bounded() -> None:
    assert len(Refusal("why", step=Step.POLICY, evidence="x" * 9999).evidence) == 300


def test_the_steps_are_those_of_a_phones_life() -> None:
    assert [str(step) for step in Step] == [
        "discovery",
        "sign-in",
        "policy",
        "enrollment",
        "provisioning",
        "management",
        "hub",
        "renewal",
        "scep",
        "app",
    ]


def test_the_code_a_device_would_show_stands_behind_the_reason() -> None:
    refused = Refusal("the branch fails", step=Step.PROVISIONING, place="x", hresult=0x8018001E)
    assert refused.hresult == 0x8018001E
    assert refused.reason == "the branch fails (0x8018001E)"
    assert str(refused) == "provisioning: the branch fails (0x8018001E) (x)"
    assert Refusal("why", step=Step.POLICY).hresult is None


def test_no_answer_keeps_its_reason() -> None:
    assert NoAnswer("refused").reason == "refused"
    assert str(NoAnswer("refused")) == "refused"
