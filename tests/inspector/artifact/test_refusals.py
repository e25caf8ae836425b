"""What is known and not read says what it is and what to do."""

from __future__ import annotations

import pytest

from mdmcore.inspector.artifact.inspect import READERS
from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.layers import Piece
from mdmcore.inspector.artifact.refusals import refusal_text, refuse


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


def test_the_layers_tell_where_it_was() -> None:
    report = refuse(Piece(data=b"PK\x03\x04", layers=("base64",)), "x")
    assert report.problem is not None
    assert report.problem.where == "behind base64"
