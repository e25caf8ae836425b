"""What we write, as tshark's WBXML dissector reads it from a capture of HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mdmcore.syncml.model import Command, Item, Meta, SyncML
from mdmcore.syncml.wbxml import WbxmlHeader, encode_wbxml
from mdmcore.syncml.xml import serialize_syncml
from tests.support.requirements import require_program
from tests.support.tshark import dissect
from tests.syncml.changes import with_texts, without_attributes
from tests.syncml.messages import EVERYTHING, HEADER, PACKAGE_2
from tests.syncml.strategies import valid_message
from tests.syncml.wbxml.vectors import FORMAL_12

MEDIA_TYPE = "application/vnd.syncml.dm+wbxml"


@pytest.fixture(scope="module", autouse=True)
def folder() -> Iterator[Path]:
    """Where the capture is written; skips where there is no tshark."""
    require_program("tshark")
    with TemporaryDirectory() as name:
        yield Path(name)


def expected(message: SyncML) -> list[str]:
    """The tags and texts of the message's XML as tshark prints them."""
    found: list[str] = []

    def walk(element: ElementTree.Element) -> None:
        name = element.tag.rpartition("}")[2]
        if not element.text and not len(element):
            found.append(f"<{name} />")
            return
        found.append(f"<{name}>")
        if element.text:
            found.append(f"'{element.text}'")
        for sub in element:
            walk(sub)
        found.append(f"</{name}>")

    walk(ElementTree.fromstring(serialize_syncml(message)))
    return found


def plain(text: str) -> str:
    """Only what tshark prints as it stands, and not so much of it that it cuts the line."""
    return "".join(c for c in text if c.isascii() and c.isprintable())[:40].strip() or "x"


def test_the_answer_of_the_digest(folder: Path) -> None:
    (found,) = dissect([encode_wbxml(PACKAGE_2)], MEDIA_TYPE, folder)
    assert found.rendering == expected(PACKAGE_2)
    assert found.problems == ()
    assert found.header["Version"] == "1.3 (0x03)"
    assert found.header["Public Identifier (known)"].startswith(FORMAL_12)
    assert found.header["Character Set"] == "UTF-8 (106)"
    assert found.header["String table"] == "0 bytes"


@pytest.mark.slow
@settings(max_examples=4, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(messages=st.lists(valid_message, min_size=10, max_size=10))
def test_any_message(messages: list[SyncML], folder: Path) -> None:
    """Ten in one capture, since starting tshark takes longer than reading."""
    chosen = [with_texts(without_attributes(message), plain) for message in messages]
    for message, found in zip(
        chosen, dissect([encode_wbxml(one) for one in chosen], MEDIA_TYPE, folder), strict=True
    ):
        assert found.rendering == expected(message)
        assert found.problems == ()


def test_pages_are_switched_where_they_change(folder: Path) -> None:
    (found,) = dissect([encode_wbxml(PACKAGE_2)], MEDIA_TYPE, folder)
    switches = [token for token, _ in found.rows if token.startswith("SWITCH_PAGE")]
    assert len(switches) == 4


def test_attributes_and_literals(folder: Path) -> None:
    (found,) = dissect([encode_wbxml(EVERYTHING)], MEDIA_TYPE, folder)
    assert found.problems == ()
    at = found.rendering.index("<Data")
    assert found.rendering[at : at + 8] == [
        "<Data",
        "<xmlns:msft />",
        "'http://schemas.microsoft.com/MobileDevice/MDM'",
        "<msft:originalerror />",
        "'0x86000002'",
        ">",
        "'500'",
        "</Data>",
    ]


def test_opaque_data_have_the_length_that_they_say(folder: Path) -> None:
    item = Item(meta=Meta(format="bin"), data="AAECAwQ=", is_binary=True)
    message = SyncML(header=HEADER, commands=(Command(name="Add", cmd_id="1", items=(item,)),))
    (found,) = dissect([encode_wbxml(message)], MEDIA_TYPE, folder)
    assert "(5 bytes of opaque data)" in found.rendering
    assert found.rendering[-1] == "</SyncML>"


def test_tshark_has_no_names_for_a_formal_identifier(folder: Path) -> None:
    """Under a DM media type it looks languages up by number only: the tokens are the same, the
    names are not shown."""
    header = WbxmlHeader(version=2, public_id=FORMAL_12)
    by_number, by_text = dissect(
        [encode_wbxml(PACKAGE_2), encode_wbxml(PACKAGE_2, header=header)], MEDIA_TYPE, folder
    )
    assert by_text.header["String table"] == "30 bytes"
    assert [token for token, _ in by_text.rows] == [token for token, _ in by_number.rows]
    assert by_text.rendering[0] == "<Tag_0x2D>"
    assert "not (yet) supported" in by_text.problems[0]
