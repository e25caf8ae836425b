"""What a device asks of HTTP."""

from __future__ import annotations

import pytest

from mdmcore.http import Headers, Request, Response
from mdmcore.phone import NoAnswer, Refusal, Step, run
from mdmcore.phone.web import (
    announced_body,
    check_url,
    check_whole,
    fetch,
    is_address,
    is_utf8,
    strict_xml,
    url_problem,
)


def response(body: bytes | None, *headers: tuple[str, str]) -> Response:
    return Response(status=200, headers=Headers(headers), body=body)


@pytest.mark.parametrize(
    "url",
    [
        "https://mdm.example.test/x?y=1",
        "https://mdm.example.test:8443/",
        "HTTPS://MDM.EXAMPLE.TEST",
        "https://server/",
        "https://a-b.test./",
    ],
)
def test_urls_a_device_goes_to(url: str) -> None:
    assert url_problem(url) is None
    assert check_url(url, step=Step.HUB, place="x") == url


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://a.test/", "not https"),
        ("", "'missing', not https"),
        ("a.test", "not https"),
        ("ftp://a.test/", "not https"),
        ("https://", "names no host"),
        ("https://127.0.0.1/", "IP address"),
        ("https://[::1]/", "IP address"),
        ("https://127.1/", "IP address"),
        ("https://[::1/", "not a URL"),
        ("https://a.test:99999/", "not a URL"),
        ("https://a.test/ ", "blanks"),
        ("https://a .test/", "blanks"),
        ("https://a_\u00fc.test/", "not a host name"),
        ("https://-a.test/", "not a host name"),
    ],
)
def test_urls_a_device_does_not_go_to(url: str, reason: str) -> None:
    assert reason in (url_problem(url) or "")
    with pytest.raises(Refusal) as caught:
        check_url(url, step=Step.HUB, place="x")
    assert (caught.value.step, caught.value.place, caught.value.evidence) == ("hub", "x", url)


def test_names_are_no_addresses() -> None:
    assert not is_address("mdm.example.test")
    assert not is_address("1.example.test")


def test_a_body_is_read_up_to_its_announced_length() -> None:
    assert announced_body(response(b"abcdef", ("Content-Length", "3")), Step.HUB) == b"abc"
    assert announced_body(response(b"abc"), Step.HUB) == b"abc"
    assert announced_body(response(None), Step.HUB) == b""
    assert announced_body(response(b"a", ("Content-Encoding", "identity")), Step.HUB) == b"a"


@pytest.mark.parametrize("length", ["7", "-1", "", "1e3", "9" * 30])
def test_a_length_that_does_not_fit(length: str) -> None:
    with pytest.raises(Refusal) as caught:
        announced_body(response(b"abcdef", ("Content-Length", length)), Step.HUB)
    assert caught.value.place == "header Content-Length"


def test_only_enrolment_answers_must_be_in_one_piece() -> None:
    chunked = response(b"a", ("Transfer-Encoding", "chunked"))
    assert announced_body(chunked, Step.MANAGEMENT) == b"a"
    with pytest.raises(Refusal, match="chunked"):
        check_whole(chunked, Step.ENROLLMENT)


@pytest.mark.parametrize(
    "body",
    [b"", b"<a>", b"\xef\xbb\xbf<a/>", b"x<a/>", b"<a>\xff</a>", b"\x00", b"<a b='1' b='2'/>"],
)
def test_documents_that_cannot_be_read(body: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        strict_xml(body, Step.POLICY)
    assert caught.value.step == "policy"
    assert caught.value.place


def test_an_entity_declaration_is_refused() -> None:
    with pytest.raises(Refusal, match="entity"):
        strict_xml(b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', Step.POLICY)


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "windows-1252"])
def test_another_declared_encoding_is_refused(encoding: str) -> None:
    document = f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode()
    with pytest.raises(Refusal, match="another encoding"):
        strict_xml(document, Step.POLICY)


def test_utf8_documents_are_read() -> None:
    assert strict_xml('<?xml version="1.0" encoding="UTF-8"?><a>\u00fc</a>'.encode(), Step.HUB).text


def test_what_counts_as_utf8() -> None:
    assert is_utf8(None)
    assert is_utf8("utf-8")
    assert not is_utf8("utf-16")


def test_a_missing_answer_is_a_refusal_with_the_url() -> None:
    def nobody(_request: Request) -> Response:
        raise NoAnswer("refused")

    with pytest.raises(Refusal) as caught:
        run(fetch(Request(method="GET", url="https://a.test/x"), Step.HUB), nobody)
    assert str(caught.value) == "hub: no answer from a.test: refused (url)"
    assert caught.value.evidence == "https://a.test/x"
