"""Which places count as secret."""

import pytest

from mdmcore.inspector.secret_places import secret_places
from mdmcore.xml import local_name, parse_strict


@pytest.mark.parametrize(
    ("body", "places"),
    [
        pytest.param("<a><Password/></a>", [], id="empty"),
        pytest.param("<a><Username>Password</Username></a>", [], id="only-the-word"),
        pytest.param("<a><Password>x</Password></a>", [("Password", None)], id="element"),
        pytest.param("<a b:secret='x' xmlns:b='u'/>", [("a", "{u}secret")], id="attribute"),
        pytest.param("<parm name='ADDR' value='x'/>", [], id="open-parm"),
        pytest.param(
            "<parm name='AAUTHDATA' value='x' datatype='y'/>", [("parm", "value")], id="secret-parm"
        ),
        pytest.param(
            "<Security><Timestamp>x</Timestamp><Other>x</Other></Security>",
            [("Other", None)],
            id="unknown-proof",
        ),
        pytest.param(
            "<Item><Source><LocURI>./a/Password?x=1</LocURI></Source><Data>x</Data></Item>",
            [("Data", None)],
            id="node",
        ),
        pytest.param("<Item><Data>&lt;a>plain&lt;/a></Data></Item>", [], id="open-payload"),
    ],
)
def test_the_places(body: str, places: list[tuple[str, str | None]]) -> None:
    found = secret_places(parse_strict(body.encode()))
    assert [(local_name(each.element), each.attribute) for each in found] == places
