"""Whatever a server answers, the phone ends with a result or a refusal, never with an error."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import cache

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mdmcore.http import Headers, Response
from mdmcore.phone import EnrolledPhone, Refusal, download_hub, enroll, run, sync
from tests.phone.dm_script import FIRST, LAST, SYNCML_TYPE, Received, script
from tests.phone.generations import DOCUMENTS, SignInScript, page, phone_of, script_for
from tests.phone.renewing import Renewing, enrolled_for, renewal_document, renewal_script
from tests.phone.scripted import (
    EnrollmentScript,
    answer,
    enrolled,
    provisioning_document,
    with_body,
)
from tests.phone.test_hub import HubScript
from tests.support.keys import load_key
from tests.support.server import FixedClock, counted_random

LEGS = st.sampled_from(["probe", "discover", "policies", "rst"])
PATCHES = st.tuples(
    st.floats(0, 1, exclude_max=True),
    st.integers(0, 40),
    st.sampled_from([b"", b"\0", b"<", b"&", b" ", b"<a>", b"]]>", b'"', b"\xff", b"1", b"-"]),
)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            *("Content-Length", "Content-Type", "Content-Range", "ETag", "Location"),
            *("Set-Cookie", "WWW-Authenticate"),
        ]
    ),
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


# --- the other generations, sign-in, renewal ----------------------------------------------------

PROFILE = st.sampled_from(["wp81", "win81", "win10"])
LOCATIONS = st.sampled_from(
    ["", "/", "https://[", "https://[::1/", "//", "ms-app://x", "?", "#", "https://a.test/\x7f"]
)


def enrolled_as(script: SignInScript, profile: str) -> EnrolledPhone:
    return run(
        enroll(
            phone_of(profile),
            private_key=load_key("device"),
            random=counted_random("phone"),
            clock=FixedClock(),
        ),
        script,
    )


@hypothesis_settings(max_examples=150, deadline=None)
@given(profile=PROFILE, patch=PATCHES)
def test_a_damaged_document_of_another_generation(
    profile: str, patch: tuple[float, int, bytes]
) -> None:
    script = script_for(profile)
    script.document = patched(DOCUMENTS[profile]().encode(), patch)
    ends_well(lambda: enrolled_as(script, profile))


@hypothesis_settings(max_examples=150, deadline=None)
@given(patch=PATCHES, page=st.sampled_from(["sign-in", "end"]))
def test_a_damaged_sign_in_page(patch: tuple[float, int, bytes], page: str) -> None:
    def edit(response: Response) -> Response:
        return with_body(response, patched(response.body or b"", patch))

    ends_well(lambda: enrolled_as(script_for("wp81", federated=True, edits={page: edit}), "wp81"))


@hypothesis_settings(max_examples=150, deadline=None)
@given(
    status=st.integers(100, 599),
    headers=HEADERS,
    location=LOCATIONS,
    body=st.binary(max_size=300)
    | st.text("<>=/'\" forminputactionmethodpostwresult", max_size=200).map(str.encode),
)
def test_any_answer_to_the_sign_in(
    status: int, headers: dict[str, str], location: str, body: bytes
) -> None:
    given = {"Content-Type": "text/html", **headers, **({"Location": location} if location else {})}
    odd = Response(status=status, headers=Headers(given.items()), body=body)
    script = script_for("win10", federated=True, edits={"sign-in": lambda _: odd})
    ends_well(lambda: enrolled_as(script, "win10"))


@hypothesis_settings(max_examples=100, deadline=None)
@given(action=LOCATIONS, method=st.sampled_from(["get", "post", "", "x"]))
def test_any_address_of_a_form(action: str, method: str) -> None:
    form = (
        f'<form action="{action}" method="{method}"><input name="u"><input type="password" '
        'name="p"></form>'
    )
    script = script_for("win10", federated=True, edits={"sign-in": lambda _: page(form)})
    ends_well(lambda: enrolled_as(script, "win10"))


@hypothesis_settings(max_examples=100, deadline=None)
@given(patch=PATCHES)
def test_a_damaged_renewal_document(patch: tuple[float, int, bytes]) -> None:
    damaged = patched(renewal_document().encode(), patch)
    ends_well(lambda: _renewing().renew(renewal_script(damaged)))


@hypothesis_settings(max_examples=100, deadline=None)
@given(status=st.integers(100, 599), headers=HEADERS, location=LOCATIONS)
def test_any_answer_to_a_renewal(status: int, headers: dict[str, str], location: str) -> None:
    given = {**headers, **({"Location": location} if location else {})}
    odd = Response(status=status, headers=Headers(given.items()), body=b"<x/>")
    ends_well(lambda: _renewing().renew(renewal_script(rst=lambda _: odd)))


def _renewing() -> Renewing:
    once = _renewable()
    return Renewing(phone=once.phone, keys=once.keys, clock=once.clock)


@cache
def _renewable() -> Renewing:
    return enrolled_for("win10")
