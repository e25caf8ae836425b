"""Whatever a server answers, the phone ends with a result or a refusal, never with an error."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import cache

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mdmcore.http import Headers, Response
from mdmcore.phone import EnrolledPhone, Refusal, download_hub, run, sync
from tests.phone.dm_script import FIRST, LAST, SYNCML_TYPE, Received, script
from tests.phone.scripted import (
    EnrollmentScript,
    answer,
    enrolled,
    provisioning_document,
    with_body,
)
from tests.phone.test_hub import HubScript
from tests.support.server import counted_random

LEGS = st.sampled_from(["probe", "discover", "policies", "rst"])
PATCHES = st.tuples(
    st.floats(0, 1, exclude_max=True),
    st.integers(0, 40),
    st.sampled_from([b"", b"\0", b"<", b"&", b" ", b"<a>", b"]]>", b'"', b"\xff", b"1", b"-"]),
)
HEADERS = st.dictionaries(
    st.sampled_from(["Content-Length", "Content-Type", "Content-Range", "ETag", "Location"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
)


@cache
def phone() -> EnrolledPhone:
    return enrolled()


def patched(data: bytes, patch: tuple[float, int, bytes]) -> bytes:
    """The data with some bytes at one place replaced."""
    where, length, new = patch
    start = int(where * len(data))
    return data[:start] + new + data[start + length :]


def ends_well(act: Callable[[], object]) -> None:
    """Any other error than a refusal fails the test."""
    with contextlib.suppress(Refusal):
        act()


@hypothesis_settings(max_examples=150, deadline=None)
@given(leg=LEGS, patch=PATCHES)
def test_a_damaged_enrolment_answer(leg: str, patch: tuple[float, int, bytes]) -> None:
    def edit(response: Response) -> Response:
        return with_body(response, patched(response.body or b"", patch))

    ends_well(lambda: enrolled(EnrollmentScript(edits={leg: edit})))


@hypothesis_settings(max_examples=150, deadline=None)
@given(patch=PATCHES)
def test_a_damaged_provisioning_document(patch: tuple[float, int, bytes]) -> None:
    document = patched(provisioning_document().encode(), patch)
    ends_well(lambda: enrolled(EnrollmentScript(document=document)))


@hypothesis_settings(max_examples=200, deadline=None)
@given(patch=PATCHES)
def test_a_damaged_dm_message(patch: tuple[float, int, bytes]) -> None:
    def damaged(received: Received) -> Response:
        return answer(patched(FIRST(received).body or b"", patch), SYNCML_TYPE)

    server = script(damaged, LAST, LAST, LAST)
    ends_well(lambda: run(sync(phone(), random=counted_random()), server))


@hypothesis_settings(max_examples=150, deadline=None)
@given(status=st.integers(100, 599), headers=HEADERS, body=st.binary(max_size=1100))
def test_any_answer_to_the_hub_request(status: int, headers: dict[str, str], body: bytes) -> None:
    odd = Response(status=status, headers=Headers(headers.items()), body=body)
    ends_well(lambda: run(download_hub(phone(), 1000), HubScript(edit=lambda _: odd)))


@hypothesis_settings(max_examples=150, deadline=None)
@given(leg=LEGS, status=st.integers(100, 599), headers=HEADERS, body=st.binary(max_size=300))
def test_any_answer_to_an_enrolment_request(
    leg: str, status: int, headers: dict[str, str], body: bytes
) -> None:
    odd = Response(status=status, headers=Headers(headers.items()), body=body)
    ends_well(lambda: enrolled(EnrollmentScript(edits={leg: lambda _: odd})))
