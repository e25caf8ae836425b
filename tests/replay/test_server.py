"""Serving a recorded life to another phone, which is as strict as ever."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mdmcore.http import Exchange, Request
from mdmcore.profiles import FEDERATED
from mdmcore.rules.model import PROFILES
from tests.matrix.play import Stage
from tests.matrix.variations import USUAL, VARIATIONS
from tests.replay.replaying import Served, captured, in_wbxml, recorded, served, short_life
from tests.report.diff.lives import exchanges_of

POLITELY = "the capture has no further session like this one: it is ended politely"


@pytest.mark.parametrize("profile", PROFILES)
def test_another_phone_lives_through_it(profile: str) -> None:
    played, told = served(recorded(profile), profile)
    assert played.refused == []
    assert played.rules("error", "warning") == set()
    assert told == []


def test_on_a_sign_in_page() -> None:
    life = recorded("wp81", policies=(FEDERATED,))
    played, _told = served(life, "wp81")
    assert played.refused == []


def test_in_wbxml(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "wp8", settings=in_wbxml())
    short_life(stage)
    played, told = served(captured(stage.close().exchanges), "wp8")
    assert played.refused == []
    assert played.rules("error", "warning") == set()
    assert told == []


def test_a_session_more_than_captured_is_ended_politely() -> None:
    def longer(stage: Stage) -> None:
        stage.enroll()
        stage.sessions(6)

    played, told = served(recorded("wp8"), "wp8", live=longer)
    assert played.refused == []
    assert set(told) == {POLITELY}
    assert len(told) == 2  # four sessions are in the capture


def test_a_first_message_without_credentials_is_challenged() -> None:
    def shy(stage: Stage) -> None:
        stage.enroll()
        stage.settings = replace(stage.settings, sends_cred_first=False)
        assert stage.phone is not None
        stage.phone = replace(stage.phone, settings=stage.settings)
        stage.sessions(5)

    played, _told = served(recorded("wp8"), "wp8", live=shy)
    codes = [
        one.response.body.count(b"<Data>407</Data>")
        for one in played.exchanges
        if one.response is not None and one.response.body is not None
    ]
    assert sum(codes) == 3  # the header, and both commands of the first package
    assert played.refused == []


def test_the_whole_life_with_renewal_and_leaving() -> None:
    played, told = served(recorded("wp8"), "wp8", live=Stage.life)
    assert played.refused == []
    assert "renew" in played.stages
    assert set(told) <= {POLITELY}


def test_a_device_may_begin_anew() -> None:
    def twice(stage: Stage) -> None:
        short_life(stage)
        short_life(stage)

    played, told = served(recorded("wp8"), "wp8", live=twice)
    assert played.refused == []
    assert told == ["a device begins anew: the capture is served from its beginning"]


REACTIONS = (
    "relates-to-mismatch",
    "bst-is-certificate",
    "cert-public-key-mismatch",
    "appauth-secret-missing",
    "omadmretry-first-set-zero",
    "missing-212",
    "digest-inner-hash-hex",
    "stale-nonce",
    "hub-206-no-content-range",
)


@pytest.mark.parametrize("fault", REACTIONS)
def test_a_captured_mistake_is_felt_again(fault: str, tmp_path: Path) -> None:
    variation = VARIATIONS.get(fault, USUAL)
    stage = Stage(tmp_path, "wp8", fault, settings=variation.settings, **variation.phone)
    short_life(stage)
    first = stage.close()
    again, _told = served(captured(first.exchanges), "wp8", variation=variation)
    assert [(one.stage, one.place) for one in again.refused] == [
        (one.stage, one.place) for one in first.refused
    ]
    assert fault in again.rules("error", "warning", "info")


def server_of(tmp_path: Path, *exchanges: Exchange) -> Served:
    return Served(tmp_path, "wp8", captured(exchanges))


def test_what_was_never_asked_is_404(tmp_path: Path) -> None:
    stage = server_of(tmp_path, *exchanges_of("wp8"))
    answer = stage.answer(Request(method="GET", url="https://mdm.example.test/favicon.ico?x=1"))
    stage.close()
    line = "GET https://mdm.example.test/favicon.ico: nothing like it is in the capture"
    assert (answer.status, answer.body) == (404, f"mdmproxy replay: {line}\n".encode())
    assert stage.told == [f"answered 404: {line}"]


def test_a_package_that_was_not_kept_is_502(tmp_path: Path) -> None:
    def without_body(one: Exchange) -> Exchange:
        if "CompanyHub" not in one.request.url or one.response is None:
            return one
        return replace(one, response=replace(one.response, body=None))

    exchanges = tuple(map(without_body, exchanges_of("wp8")))
    stage = server_of(tmp_path, *exchanges)
    url = next(one.request.url for one in exchanges if "CompanyHub" in one.request.url)
    answer = stage.answer(Request(method="GET", url=url))
    stage.close()
    assert answer.status == 502
    assert answer.body is not None
    assert b"the package is not whole in the capture" in answer.body


def test_other_ranges_than_captured_come_from_the_whole(tmp_path: Path) -> None:
    exchanges = exchanges_of("wp8")
    parts = [one for one in exchanges if "CompanyHub" in one.request.url]
    whole = b"".join(one.response.body or b"" for one in parts if one.response is not None)
    stage = server_of(tmp_path, *exchanges)
    url = parts[0].request.url
    answer = stage._replay.answer(
        replace(parts[0].request, headers=parts[0].request.headers.replaced("Range", "bytes=5-14"))
    )
    plain = stage._replay.answer(Request(method="GET", url=url))
    stage.close()
    assert (answer.status, answer.body) == (206, whole[5:15])
    assert answer.headers.get("Content-Range") == f"bytes 5-14/{len(whole)}"
    assert (plain.status, plain.body) == (200, whole)


def test_a_request_that_got_no_answer_is_502(tmp_path: Path) -> None:
    first, *rest = exchanges_of("wp8")
    stage = server_of(tmp_path, replace(first, response=None, error="timed out"), *rest)
    answer = stage.answer(first.request)
    stage.close()
    assert answer.status == 502
    assert "answered 502" in stage.told[0]
    assert "timed out" in stage.told[0]
