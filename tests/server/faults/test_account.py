"""Mistakes in the account of the document that the server knows of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mdmcore.records import AuthScheme
from tests.matrix.play import Stage


@pytest.fixture(params=[AuthScheme.MD5, AuthScheme.BASIC])
def stage(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    made = Stage(tmp_path, "wp8", "appauth-nonce-reused", settings={"appsrv_scheme": request.param})
    yield made
    made.close()


def test_one_nonce_is_given_for_both_and_the_server_goes_by_it(stage: Stage) -> None:
    stage.enroll()
    assert stage.phone is not None
    client, own = (stage.phone.account.auth(level) for level in ("CLIENT", "APPSRV"))
    assert client is not None
    assert own is not None
    is_digest = own.type == "DIGEST"
    assert (client.data == own.data) is is_digest
    stage.session()
    assert stage.played.refused == []
    messages = [one for one in stage.played.exchanges if "syncml" in (one.request.media_type or "")]
    assert len(messages) == 2  # without a challenge
