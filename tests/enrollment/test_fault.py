"""SOAP faults: each subcode is valid, read back, and known to the client."""

from __future__ import annotations

from io import BytesIO
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.enrollment import parse_envelope, parse_fault, serialize_fault
from mdmcore.namespaces import DETAIL_HRESULTS, FAULT_HRESULTS, SOAP, SOAP_11, WCF_FAULT
from tests.enrollment.oracles import check_soap, texts
from tests.enrollment.samples import MESSAGE_ID, messages


@pytest.mark.parametrize("subcode", FAULT_HRESULTS)
def test_each_subcode(subcode: str) -> None:
    data = serialize_fault(subcode, "wrong <thing>", MESSAGE_ID)
    check_soap(data)
    fault = parse_fault(parse_envelope(data))
    assert fault is not None
    assert (fault.code, fault.subcode, fault.reason) == ("s:Receiver", subcode, "wrong <thing>")
    assert fault.hresult == FAULT_HRESULTS[subcode]
    assert fault.path == "/Envelope/Body/Fault"
    assert not fault.is_lower_case
    assert texts(data)["RelatesTo"] == MESSAGE_ID


@pytest.mark.parametrize(
    ("subcode", "text", "namespace"),
    [
        ("Authentication", "s:Authentication", SOAP),
        ("InvalidSecurity", "a:InvalidSecurity", WCF_FAULT),
    ],
)
def test_the_prefix_is_bound_where_the_qname_stands(
    subcode: str, text: str, namespace: str
) -> None:
    bound: dict[str, str] = {}
    data = BytesIO(serialize_fault(subcode, "no"))
    for event, found in ElementTree.iterparse(data, ["start-ns", "end"]):
        if event == "start-ns":
            bound[found[0]] = found[1]
        elif found.text == text:
            assert bound[text[0]] == namespace
            return
    pytest.fail("no subcode")


@pytest.mark.parametrize("error_type", DETAIL_HRESULTS)
def test_the_detail_of_windows_10(error_type: str) -> None:
    data = serialize_fault("Authorization", "no", error_type=error_type, trace_id="42")
    check_soap(data)
    fault = parse_fault(parse_envelope(data))
    assert fault is not None
    assert (fault.error_type, fault.detail_message, fault.trace_id) == (error_type, "no", "42")
    assert fault.hresult == DETAIL_HRESULTS[error_type]


def test_lower_case_as_the_documentation_prints_it() -> None:
    data = f"""<s:envelope xmlns:s="{SOAP}"><s:body><s:fault>
      <s:code><s:value>s:receiver</s:value>
        <s:subcode><s:value>s:authorization</s:value></s:subcode></s:code>
      <s:reason><s:text xml:lang="en-us"> User is not enabled </s:text></s:reason>
      <s:detail><deviceenrollmentserviceerror xmlns="urn:x"><errortype>devicecapreached</errortype>
        <message>cap</message><traceid>7</traceid></deviceenrollmentserviceerror></s:detail>
    </s:fault></s:body></s:envelope>"""
    fault = parse_fault(parse_envelope(data.encode(), strict=False))
    assert fault is not None
    assert fault.is_lower_case
    assert (fault.code, fault.subcode) == ("s:receiver", "authorization")
    assert fault.reason == "User is not enabled"
    assert (fault.detail_message, fault.trace_id) == ("cap", "7")
    assert fault.hresult == 0x80180013


def test_soap_1_1() -> None:
    data = (
        f'<s:Envelope xmlns:s="{SOAP_11}"><s:Body><s:Fault><faultcode>s:Server</faultcode>'
        "<faultstring>broken</faultstring></s:Fault></s:Body></s:Envelope>"
    )
    fault = parse_fault(parse_envelope(data.encode()))
    assert fault is not None
    assert (fault.code, fault.subcode, fault.reason) == ("s:Server", "", "broken")
    assert fault.hresult is None


def test_other_messages_hold_no_fault() -> None:
    assert parse_fault(parse_envelope(messages()["rst"])) is None
    empty = f'<s:Envelope xmlns:s="{SOAP}"><s:Body/></s:Envelope>'
    assert parse_fault(parse_envelope(empty.encode())) is None


@given(st.text(st.characters(), max_size=2000))
def test_no_reason_makes_it_fail(reason: str) -> None:
    data = serialize_fault("MessageFormat", reason)
    fault = parse_fault(parse_envelope(data))
    assert fault is not None
    assert len(texts(data)["Text"] or "") <= 1000
