"""Mistakes about the Company Hub's token."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from mdmcore.enrollment.aet import read_aet
from tests.matrix.material import ENTERPRISE
from tests.matrix.play import Stage
from tests.support.server import NOW


def test_the_token_that_is_handed_out_has_ended_a_month_ago(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "wp8", "eam-token-expired")
    stage.enroll()
    assert stage.phone is not None
    assert stage.phone.hub is not None
    aet = read_aet(stage.phone.hub.enrollment_token or "")
    assert aet is not None
    assert aet.enterprise_id == ENTERPRISE
    assert aet.end is not None
    assert timedelta(days=29) < NOW - aet.end.moment < timedelta(days=31)
    stage.hub()
    (refused,) = stage.close().refused
    assert "the token has expired" in str(refused.refusal)
