"""What is known and not read says what it is and what to do."""

from __future__ import annotations

import base64

import pytest

from mdmcore.inspector.artifact.inspect import READERS
from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.layers import Piece
from mdmcore.inspector.artifact.refusals import refusal_text, refuse

WBXML = bytes.fromhex("03a4016a006d6c710331 2e32000172".replace(" ", ""))


def test_each_kind_is_either_read_or_refused() -> None:
    for kind in ArtifactKind:
        assert (kind in READERS) == (refusal_text(kind) is None), kind


@pytest.mark.parametrize("kind", [k for k in ArtifactKind if k not in READERS])
def test_a_refusal_is_a_line_with_a_remedy(kind: ArtifactKind) -> None:
    text = refusal_text(kind)
    assert text is not None
    assert text.startswith("this is ")
    assert "; " in text
    assert len(text) < 300


def test_wbxml_is_recognised() -> None:
    report = refuse(Piece(data=WBXML), "x")
    assert report.kind == "wbxml"
    assert report.problem is not None
    assert "WBXML" in report.problem.message


def test_the_layers_tell_where_it_was() -> None:
    report = refuse(Piece(data=WBXML, layers=("base64",)), "x")
    assert report.problem is not None
    assert report.problem.where == "behind base64"
    assert base64.b64encode(WBXML)
