"""Each rule of wbxml.md section 9 is told, by both readings and by all who read bodies."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.errors import MdmError, ProtocolError, WbxmlError
from mdmcore.inspector.body import read_side
from mdmcore.mitm.wbxml_text import describe_wbxml
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPE
from mdmcore.syncml.wbxml import decode_document, decode_wbxml, encode_wbxml
from tests.syncml.wbxml.corpus import CASES, SEEDS, Case

SECTION_9 = {
    "wbxml-bad-header",
    "wbxml-publicid-mismatch",
    "wbxml-truncated",
    "wbxml-unknown-token",
    "wbxml-unknown-page",
    "wbxml-attributes-present",
    "wbxml-page-not-restored",
    "wbxml-charset-mismatch",
    "wbxml-body-is-xml",
}
"""``xml-body-is-wbxml`` is about Content-Type: see ``tests/syncml/test_wire.py``."""

cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)


def test_each_rule_has_a_case() -> None:
    assert {case.rule for case in CASES} >= SECTION_9


@cases
def test_a_lenient_reading_refuses_or_tells_it(case: Case) -> None:
    if case.refused:
        with pytest.raises(WbxmlError) as caught:
            decode_wbxml(case.data, strict=False)
        assert case.message in caught.value.message
        assert caught.value.offset is not None
        return
    message = decode_wbxml(case.data, strict=False)
    assert case.message in "; ".join(problem.message for problem in message.problems)


@cases
def test_a_strict_reading_never_reads_more(case: Case) -> None:
    if case.refused or case.strict_refuses:
        with pytest.raises((WbxmlError, ProtocolError)):
            decode_wbxml(case.data)
        return
    message = decode_wbxml(case.data)
    assert case.message in "; ".join(problem.message for problem in message.problems)
    assert decode_wbxml(encode_wbxml(message)) == message


@cases
def test_inspector_and_view_tell_it(case: Case) -> None:
    side = read_side("request", case.data, SYNCML_WBXML_MEDIA_TYPE, is_verbatim=True)
    if case.rule != "wbxml-body-is-xml":
        assert case.message in "; ".join(note.message for note in side.notes)
    else:
        assert "the body is XML, but Content-Type is" in side.notes[0].message
    assert case.message in describe_wbxml(case.data)


@settings(max_examples=300)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(min_value=0), st.integers(0, 255)), max_size=4),
    st.integers(min_value=0),
)
def test_noise_is_read_or_refused(seed: bytes, changes: list[tuple[int, int]], length: int) -> None:
    data = bytearray(seed)
    for position, value in changes:
        data[position % len(data)] = value
    cut = bytes(data[: length % (len(data) + 1)]) if length % 3 == 0 else bytes(data)
    for strict in (True, False):
        with suppress(WbxmlError, ProtocolError):
            decode_wbxml(cut, strict=strict)
    with suppress(WbxmlError):
        document = decode_document(cut)
        with suppress(MdmError):
            assert decode_wbxml(encode_wbxml(decode_wbxml(cut))) == decode_wbxml(cut)
        assert document.raw == cut
    assert describe_wbxml(cut)
