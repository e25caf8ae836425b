"""The generic tree: nothing is lost, errors have a place."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.enrollment import (
    Characteristic,
    Parm,
    ProvisioningDocument,
    parse_provisioning,
    parse_rstrc,
    serialize_provisioning,
)
from mdmcore.errors import ServerFault, XmlError
from tests.enrollment.captures import win10_body
from tests.enrollment.oracles import check_provisioning
from tests.xml.test_serializer import XML_TEXT

SAMPLE = b"""<?xml version="1.0"?>
<wap-provisioningdoc version="1.1"><!-- note -->
  <characteristic type="Unknown\\Branch">
    <parm name="a" value=" 1 " datatype="integer"/><parm name="b"/><noparm name="c"/>
    <characteristic type="x"><parm name="A" value="2"/></characteristic>
    <characteristic type="x"/>
  </characteristic>
  <characteristic type="unknown\\branch"/>
</wap-provisioningdoc>"""

NAME = XML_TEXT.filter(bool)
PARMS = st.builds(
    Parm, name=NAME, value=st.none() | XML_TEXT, datatype=st.sampled_from([None, "integer"])
)
BRANCHES = st.recursive(
    st.builds(Characteristic, type=NAME, parms=st.lists(PARMS, max_size=3).map(tuple)),
    lambda below: st.builds(
        Characteristic,
        type=NAME,
        parms=st.lists(PARMS, max_size=2).map(tuple),
        characteristics=st.lists(below, max_size=3).map(tuple),
    ),
    max_leaves=8,
)


def test_everything_is_kept_in_order() -> None:
    found = parse_provisioning(SAMPLE)
    assert (found.version, found.raw) == ("1.1", SAMPLE)
    first, second = found.characteristics
    assert (first.type, second.type) == ("Unknown\\Branch", "unknown\\branch")
    assert first.parms == (
        Parm(name="a", value=" 1 ", datatype="integer"),
        Parm(name="b", value=None, datatype=None),
    )
    assert [path for path, _ in found.walk()] == [
        ("Unknown\\Branch",),
        ("Unknown\\Branch", "x"),
        ("Unknown\\Branch", "x"),
        ("unknown\\branch",),
    ]


def test_names_are_compared_like_the_phone_does() -> None:
    found = parse_provisioning(SAMPLE)
    assert found.find("unknown\\branch", "x") is None
    branch = found.find("Unknown\\Branch", "x")
    assert branch is not None
    assert (branch.value("A"), branch.value("a")) == ("2", None)
    assert branch.value("a", ignore_case=True) == "2"
    assert found.find("UNKNOWN\\BRANCH", "X", ignore_case=True) == branch
    assert found.find() is None


def test_children_and_parms() -> None:
    branch = parse_provisioning(SAMPLE).characteristics[0]
    assert branch.child("x") == branch.children("x")[0]
    assert len(branch.children()) == len(branch.children("x")) == 2
    assert branch.children("X") == ()
    assert branch.child("X") is None
    assert branch.child("X", ignore_case=True) is not None
    assert branch.parm("b") is not None
    assert branch.value("b") is None
    assert branch.parm("B") is None


def test_the_document_of_the_capture() -> None:
    data = parse_rstrc(win10_body(5)).document
    check_provisioning(data)
    found = parse_provisioning(data)
    assert [branch.type for branch in found.characteristics] == [
        "CertificateStore",
        "APPLICATION",
        "DMClient",
    ]
    poll = found.find("DMClient", "Provider", "DEMO MDM", "Poll")
    assert poll is not None
    assert poll.parms[0].datatype == "integer"
    again = serialize_provisioning(found)
    check_provisioning(again)
    assert parse_provisioning(again) == found


def test_what_is_written_is_canonical() -> None:
    document = ProvisioningDocument(
        characteristics=(Characteristic(type='a&"', parms=(Parm(name="n", value="<\u20ac>"),)),)
    )
    data = serialize_provisioning(document)
    assert data == (
        b'<wap-provisioningdoc version="1.1"><characteristic type="a&amp;&quot;">'
        b'<parm name="n" value="&lt;\xe2\x82\xac&gt;"/></characteristic></wap-provisioningdoc>'
    )
    parm = ElementTree.fromstring(data)[0][0]
    assert parm.attrib == {"name": "n", "value": "<\u20ac>"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<html/>", r"root element is html \(/html\)"),
        (b'<wap-provisioningdoc xmlns="urn:x"/>', r"root element is \{urn:x\}wap-prov"),
        (b"<wap-provisioningdoc><x/></wap-provisioningdoc>", r"element x \(/wap-prov.*/x\)"),
        (
            b"<wap-provisioningdoc><characteristic/></wap-provisioningdoc>",
            r"characteristic without type \(/wap-provisioningdoc/characteristic\)",
        ),
        (
            b'<wap-provisioningdoc><characteristic type="a"><parm value="x"/><parm name="n"/>'
            b"</characteristic></wap-provisioningdoc>",
            r"parm without name \(/wap-provisioningdoc/characteristic/parm\[1\]\)",
        ),
    ],
)
def test_errors_have_a_place(data: bytes, message: str) -> None:
    with pytest.raises(ServerFault, match=message):
        parse_provisioning(data)


def test_lenient_skips_and_recovers() -> None:
    data = (
        '<wap-provisioningdoc><characteristic type="a"><x/><parm value="v"/>'
        "<!\u2014 note --><parm name='n'"
    )
    with pytest.raises(XmlError, match="line 1"):
        parse_provisioning(data.encode())
    found = parse_provisioning(data.encode(), strict=False)
    branch = found.find("a")
    assert branch is not None
    assert branch.parms[0] == Parm(name="", value="v")
    with pytest.raises(ServerFault, match="not a wap-provisioningdoc"):
        parse_provisioning(b"<html/>", strict=False)


def test_depth_is_bounded() -> None:
    data = b"<wap-provisioningdoc>" + b'<characteristic type="a">' * 300
    with pytest.raises(XmlError):
        parse_provisioning(data)
    assert sum(1 for _ in parse_provisioning(data, strict=False).walk()) < 300


@given(st.lists(BRANCHES, max_size=3).map(tuple), st.sampled_from([None, "1.0", "1.1"]))
def test_round_trip(branches: tuple[Characteristic, ...], version: str | None) -> None:
    document = ProvisioningDocument(version=version, characteristics=branches)
    data = serialize_provisioning(document)
    assert parse_provisioning(data) == document
    assert parse_provisioning(data, strict=False) == document
    assert len(ElementTree.fromstring(data)) == len(branches)
