"""What is inside an EnrollmentToken: the enterprise, and the dates that can be found."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.enrollment import read_aet, serialize_aet
from mdmcore.pki.renewal import build_renewal_request
from tests.support import story
from tests.support.keys import load_key

ID = "4000000001"


def token(inner: str = "", attributes: str = "") -> str:
    xml = f'<AET {attributes}><EnterpriseId Value="{ID}"/>{inner}</AET>'
    return base64.b64encode(xml.encode()).decode()


def test_the_smallest_token_has_no_date() -> None:
    found = read_aet(base64.b64encode(serialize_aet(ID)).decode())
    assert found is not None
    assert (found.enterprise_id, found.ends, found.end) == (ID, (), None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "TOKEN",
        "VE9LRU4=",
        "not base64!",
        base64.b64encode(b"<AET/>").decode(),
        base64.b64encode(f'<X><EnterpriseId Value="{ID}"/></X>'.encode()).decode(),
        token()[:-8],
    ],
)
def test_what_is_no_token(text: str) -> None:
    assert read_aet(text) is None


@pytest.mark.parametrize("wrap", ["<Certificate>{}</Certificate>", "<a><b X509='{}'/></a>"])
def test_the_end_of_a_certificate(wrap: str) -> None:
    der = story.certificate()
    lines = base64.encodebytes(der).decode() if "<Cert" in wrap else base64.b64encode(der).decode()
    found = read_aet(token(wrap.format(lines)))
    assert found is not None
    assert found.end is not None
    assert found.end.moment == story.NOW + timedelta(days=365)
    assert found.end.what == f"the certificate CN={story.CERT_CN}"


def test_the_certificates_of_a_pkcs7() -> None:
    pkcs7 = build_renewal_request(
        story.phone_csr(), certificate=story.certificate(), private_key=load_key("device")
    )
    found = read_aet(token(f"<Signature>{base64.b64encode(pkcs7).decode()}</Signature>"))
    assert found is not None
    assert [end.moment for end in found.ends] == [story.NOW + timedelta(days=365)]


@pytest.mark.parametrize(
    ("inner", "attributes", "moment"),
    [
        ("<ExpirationDate>2014-06-01T10:00:00Z</ExpirationDate>", "", "2014-06-01T10:00"),
        ("<x NotAfter='2014-06-01T12:00:00+02:00'/>", "", "2014-06-01T10:00"),
        ("", "validTo='2014-06-01'", "2014-06-01"),
    ],
)
def test_a_date_by_its_name(inner: str, attributes: str, moment: str) -> None:
    found = read_aet(token(inner, attributes))
    assert found is not None
    assert found.end is not None
    assert found.end.moment == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "inner",
    [
        "<Issued>2014-06-01</Issued>",
        "<Expires>soon</Expires>",
        "<Expires>0001-01-01T00:00:00</Expires>",
        "<Expires>9999-12-31T23:59:59-14:00</Expires>",
        f"<Certificate>{'A' * 400}</Certificate>",
    ],
)
def test_nothing_is_guessed(inner: str) -> None:
    found = read_aet(token(inner))
    assert found is not None
    assert found.ends == ()


def test_the_earliest_date_counts() -> None:
    found = read_aet(token("<NotAfter>2020-01-01</NotAfter><Expiry>2015-01-01</Expiry>"))
    assert found is not None
    assert found.end is not None
    assert (found.end.what, found.end.moment.year) == ("Expiry", 2015)


def test_the_search_is_bounded() -> None:
    many = "".join(f"<NotAfter>{2001 + n % 50}-01-01</NotAfter>" for n in range(5000))
    found = read_aet(token(many))
    assert found is not None
    assert len(found.ends) <= 256


@given(st.text(max_size=60), st.binary(max_size=60))
def test_anything_has_a_reading_or_none(text: str, data: bytes) -> None:
    read_aet(text)
    read_aet(base64.b64encode(data).decode())
    read_aet(base64.b64encode(b"<AET><EnterpriseId Value='1'/>" + data + b"</AET>").decode())
