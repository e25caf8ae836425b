"""The .aetx file and the ids that follow from it."""

from __future__ import annotations

import base64
import uuid
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.enrollment import (
    parse_aetx,
    publisher_id,
    read_enterprise_id,
    serialize_aet,
    serialize_aetx,
)
from mdmcore.errors import ProtocolError, ServerFault, XmlError
from tests.enrollment.oracles import check_shape

ID = "4000000001"


def file(token: str = "dG9rZW4=", enterprise: str = ID, name: str = "EnrollmentToken") -> bytes:
    return (
        '<wap-provisioningdoc><characteristic type="EnterpriseAppManagement">'
        f'<characteristic type="{enterprise}">'
        f'<parm datatype="string" name="{name}" value="{token}"/>'
        "</characteristic></characteristic></wap-provisioningdoc>"
    ).encode()


def test_a_file_of_ours() -> None:
    aet = serialize_aet(ID)
    data = serialize_aetx(ID, aet)
    check_shape(data)
    parm = ElementTree.fromstring(data).find("characteristic/characteristic/parm")
    assert parm is not None
    assert parm.get("datatype") == "string"
    found = parse_aetx(data)
    assert found.enterprise_id == found.inner_enterprise_id == ID
    assert found.enrollment_token == parm.get("value") == base64.b64encode(aet).decode()
    assert found.aet == aet
    assert found.enrollment_token not in repr(found)


def test_the_token_is_kept_unchanged() -> None:
    found = parse_aetx(file("dG9r&#10;ZW4="))
    assert (found.enrollment_token, found.aet) == ("dG9r\nZW4=", b"token")
    assert found.inner_enterprise_id is None


def test_a_token_that_is_no_base64_is_carried() -> None:
    found = parse_aetx(file("no token"))
    assert (found.enrollment_token, found.aet) == ("no token", None)


@pytest.mark.parametrize(
    "aet",
    [
        f'<AET><EnterpriseId Value=" {ID} "/></AET>',
        f"<AET><EnterpriseId><Value>{ID}</Value></EnterpriseId></AET>",
        f'<?xml version="1.0"?><AET xmlns="urn:x"><EnterpriseId>{ID}</EnterpriseId></AET>',
    ],
)
def test_the_id_inside_in_either_form(aet: str) -> None:
    assert read_enterprise_id(aet.encode()) == ID


@pytest.mark.parametrize(
    "aet",
    [b"", b"token", b"<AET/>", b"<X><EnterpriseId Value='1'/></X>", b"<AET><EnterpriseId/></AET>"],
)
def test_no_id_inside(aet: bytes) -> None:
    assert read_enterprise_id(aet) is None


def test_another_id_inside_is_refused() -> None:
    data = serialize_aetx(ID, serialize_aet("4000000002"))
    with pytest.raises(
        ProtocolError, match=r"enterprise 4000000002, not of 4000000001 \(/wap-prov"
    ):
        parse_aetx(data)


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (b"PK\x03\x04", XmlError, "line 1"),
        (b"<html/>", ServerFault, "not a wap-provisioningdoc"),
        (b"<wap-provisioningdoc/>", ProtocolError, "no EnterpriseAppManagement branch"),
        (file(name="Other"), ProtocolError, r"no EnrollmentToken \(/wap-prov.*'4000000001'\]\)"),
        (file(token=""), ProtocolError, "no EnrollmentToken"),
        (file(enterprise="x1"), ProtocolError, "'x1' is not an unsigned 32-bit"),
    ],
)
def test_what_is_no_aetx_file(data: bytes, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        parse_aetx(data)


def test_publisher_id() -> None:
    assert publisher_id(ID) == "EE6B2801-0000-0000-0000-000000000000"
    assert publisher_id("0") == "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize("bad", ["", "-1", "4294967296", "1" * 99, "12 ", "\u0661", "0x10"])
def test_ids_that_are_no_32_bit_number(bad: str) -> None:
    for make in (publisher_id, serialize_aet):
        with pytest.raises(ProtocolError, match="unsigned 32-bit decimal"):
            make(bad)


@given(st.integers(0, 2**32 - 1))
def test_publisher_ids_are_guids(number: int) -> None:
    assert uuid.UUID(publisher_id(str(number))).fields[0] == number
    assert parse_aetx(serialize_aetx(str(number), serialize_aet(str(number)))).aet
