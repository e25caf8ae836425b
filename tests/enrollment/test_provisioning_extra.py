"""Branches given as XML: taken whole, or refused with the line."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.enrollment.provisioning import Characteristic, Parm
from mdmcore.enrollment.provisioning_extra import MAX_EXTRA_CHARACTERS, check_extra, parse_extra
from mdmcore.errors import ConfigError

GOOD = """
<characteristic type="Vendor">
  <!-- a comment -->
  <parm name="Mode" value="a &amp; b" datatype="string"/>
  <characteristic type="Inner"><parm name="Flag"/></characteristic>
</characteristic>
<characteristic type="Registry"/>
"""


def test_branches_are_taken_as_they_are() -> None:
    inner = Characteristic(type="Inner", parms=(Parm(name="Flag"),))
    parm = Parm(name="Mode", value="a & b", datatype="string")
    assert parse_extra(GOOD) == (
        Characteristic(type="Vendor", parms=(parm,), characteristics=(inner,)),
        Characteristic(type="Registry"),
    )


def test_another_account_than_that_of_the_server_can_be_added() -> None:
    xml = '<characteristic type="APPLICATION"><parm name="APPID" value="w4"/></characteristic>'
    assert parse_extra(xml)[0].value("APPID") == "w4"


@pytest.mark.parametrize(
    ("xml", "why"),
    [
        ("", "no characteristic in it"),
        ("<!-- nothing -->", "no characteristic in it"),
        ("just text", "text in wap-provisioningdoc"),
        ("<characteristic>", "line 1|without type|mismatch"),
        ("\n\n<characteristic type='a'>\n<parm name='b'>", "line 4"),
        ("<characteristic type='a'/>&lt;", "text behind characteristic"),
        ("<characteristic type='a'>text</characteristic>", "text in characteristic"),
        ("<characteristic type='a'><parm name='b'/>x</characteristic>", "text behind parm"),
        ("<characteristic/>", "characteristic without type"),
        ("<characteristic type=''/>", "characteristic without type"),
        ("<characteristic type='a'><parm value='b'/></characteristic>", "parm without name"),
        (
            "<characteristic type='a'><parm name='b'><parm name='c'/></parm></characteristic>",
            "parm",
        ),
        ("<parm name='a'/>", "parm where only characteristic"),
        ("<nocharacteristic type='a'/>", "nocharacteristic where only"),
        ("<characteristic type='a'><noparm name='b'/></characteristic>", "noparm where only"),
        ("<characteristic type='a' title='b'/>", "no attribute title"),
        ("<characteristic xmlns='urn:x' type='a'/>", "where only characteristic"),
        ("</wap-provisioningdoc><wap-provisioningdoc>", "line 1, column 23"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><characteristic type='a'/>", "line 1"),
        ("<characteristic type='&b;'/>", "line 1"),
        ("\ud800", "line 1|UTF-8|not proper|allowed"),
        ("<characteristic type='CertificateStore'/>", "settings of the authority"),
        ("<characteristic type='EnterpriseAppManagement'/>", "settings of the hub"),
        (
            "<characteristic type='APPLICATION'><parm name='APPID' value='w7'/></characteristic>",
            "one w7 APPLICATION",
        ),
        (
            "<characteristic type='APPLICATION'><parm name='INIT'/></characteristic>",
            "INIT is for operators",
        ),
        (
            "<characteristic type='DMClient'><characteristic type='Provider'><characteristic "
            "type='x'><characteristic type='Push'/></characteristic></characteristic>"
            "</characteristic>",
            "Push cannot stand",
        ),
        (
            "<characteristic type='APPLICATION'><parm name='USEHWDEVID' value='1'/>"
            "</characteristic>",
            "USEHWDEVID is a flag",
        ),
        (
            "<characteristic type='a'><parm name='b' datatype='int'/></characteristic>",
            "no datatype 'int'",
        ),
        (" " * (MAX_EXTRA_CHARACTERS + 1), "characters, more than"),
        ("<characteristic type='a'>" * 300, "line"),
    ],
)
def test_anything_else_is_refused(xml: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        parse_extra(xml)


@pytest.mark.parametrize("length", range(1, len(GOOD.strip())))
def test_a_cut_text_is_refused_or_whole_branches(length: int) -> None:
    try:
        found = parse_extra(GOOD.strip()[:length])
    except ConfigError:
        return
    assert found == parse_extra(GOOD)[: len(found)]


@given(st.text(st.sampled_from("<>/='\"& characteristic type parm name value a\n"), max_size=60))
def test_hostile_texts_end_in_one_kind_of_error(text: str) -> None:
    with contextlib.suppress(ConfigError):
        assert parse_extra(text)


def test_the_same_parm_may_be_said_again_with_the_same_value() -> None:
    own = parse_extra("<characteristic type='a'><parm name='b' value='1'/></characteristic>")
    check_extra(own, own)
    other = parse_extra("<characteristic type='a'><parm name='b' value='2'/></characteristic>")
    with pytest.raises(ConfigError, match="a/b is in the document already"):
        check_extra(other, own)
