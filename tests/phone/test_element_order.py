"""The DTD's order of children."""

from __future__ import annotations

import pytest

from mdmcore.phone import Refusal
from mdmcore.phone.element_order import check_order
from mdmcore.xml import parse_strict


@pytest.mark.parametrize(
    "text",
    [
        "<Status><CmdID/><MsgRef/><CmdRef/><Cmd/><TargetRef/><SourceRef/><Chal/><Data/></Status>",
        "<Item><Target/><Source/><Meta/><Data/><MoreData/></Item>",
        "<SyncBody><Replace/><Status/><Final/></SyncBody>",
        "<Get><CmdID/><Item/><Item/></Get>",
        "<Unknown><b/><a/></Unknown>",
    ],
)
def test_right_order(text: str) -> None:
    check_order(parse_strict(text.encode()))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("<Status><CmdID/><MsgRef/><CmdRef/><Cmd/><Data/><Chal/></Status>", "/Status"),
        ("<a><Get><CmdID/></Get><Get><Item/><CmdID/></Get></a>", "/a/Get[2]"),
        ("<Get><Item><Data/><Target/></Item></Get>", "/Get/Item"),
        ("<SyncHdr><VerDTD/><VerProto/><MsgID/><SessionID/></SyncHdr>", "/SyncHdr"),
    ],
)
def test_wrong_order(text: str, place: str) -> None:
    with pytest.raises(Refusal) as caught:
        check_order(parse_strict(text.encode()))
    assert (caught.value.step, caught.value.place) == ("management", place)
