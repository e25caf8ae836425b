"""Mistakes of a SCEP server, and what the device makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdmcore.pki.scep import scep_operation
from tests.matrix.lives import SCEP, fetches_a_certificate
from tests.matrix.play import Stage

ALL = ["GetCACaps", "GetCACert", "PKIOperation"]


@pytest.mark.parametrize(
    ("fault", "operations", "reason"),
    [
        ("", ALL, ""),
        ("scep-no-pkioperation", [*ALL[:2], "GetCACert", "GetCACert"], "CAThumbprint"),
        ("scep-certrep-attribute-missing", ALL, "recipientNonce"),
    ],
)
def test_the_device_gets_no_certificate(
    fault: str, operations: list[str], reason: str, tmp_path: Path
) -> None:
    faults = [fault] if fault else []
    stage = Stage(tmp_path, "win10", *faults, settings={"jobs": (SCEP,)})
    fetches_a_certificate(stage)
    played = stage.close()
    asked = [scep_operation(one.request) for one in played.exchanges]
    assert [one for one in asked if one is not None] == operations
    assert fault in ("", *played.rules())
    read = [one for one in played.exchanges if b"/SCEP/wifi/Status" in (one.request.body or b"")]
    assert read, "the server asks in the next session how far it is"
    assert (b"<Data>16</Data>" in (read[-1].request.body or b"")) is bool(fault)
    assert (b"<Data>1</Data>" in (read[-1].request.body or b"")) is not bool(fault)
