"""One value by its kind: what is taken, how it is spelled, and what is said of the rest."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.csp.recipes import Kind, Parameter
from mdmcore.csp.recipes.kinds import MAX_TEXT, check_value
from mdmcore.errors import ConfigError
from tests.support import authorities

GUID = "B316008A-141D-4A79-810F-8B764C4CFDFB"


def parameter(kind: Kind, **more: object) -> Parameter:
    return Parameter(name="it", help="a value", kind=kind, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.TEXT, " any <text> ", " any <text> "),
        (Kind.NAME, "Example Net/{1}", "Example Net/{1}"),
        (Kind.INTEGER, "007", "7"),
        (Kind.INTEGER, "-5", "-5"),
        (Kind.SWITCH, "ON", "yes"),
        (Kind.SWITCH, "False", "no"),
        (Kind.GUID, f"{{{GUID}}}", GUID),
        (Kind.GUID, GUID.lower(), GUID.lower()),
        (Kind.URL, "https://h.example.test:8443/a?b=c&d", "https://h.example.test:8443/a?b=c&d"),
        (Kind.HOST, "mail.example.test", "mail.example.test"),
        (Kind.HOST, "10.0.0.1:993", "10.0.0.1:993"),
        (Kind.HOST, "[2001:db8::1]:443", "[2001:db8::1]:443"),
        (Kind.VERSION, "1.0.0.65535", "1.0.0.65535"),
        (Kind.PORTS, "80,8000-8080", "80,8000-8080"),
        (Kind.DATE_TIME, "2026-12-01T22:00:00Z", "2026-12-01T22:00:00Z"),
        (
            Kind.THUMBPRINT,
            "0563b863 0d62d75a bbc8ab1e 4bdfb5a8 99b24d43",
            "0563B8630D62D75ABBC8AB1E4BDFB5A899B24D43",
        ),
        (Kind.THUMBPRINT, ":".join(["AB"] * 20), "AB" * 20),
        (Kind.SHA256, "ab" * 32, "AB" * 32),
        (Kind.ASSIGNMENTS, "A=1; B=x=y", "A=1; B=x=y"),
        (Kind.XML, "<a/>", "<a/>"),
        (
            Kind.XML,
            '<?xml version="1.0" encoding="utf-16"?><a/>',
            '<?xml version="1.0" encoding="utf-16"?><a/>',
        ),
        (Kind.BINARY, "AAEC\nAw==", "AAECAw=="),
    ],
)
def test_what_is_taken(kind: Kind, text: str, value: str) -> None:
    assert check_value(parameter(kind), text) == value


@pytest.mark.parametrize(
    ("kind", "texts", "allowed"),
    [
        (
            Kind.NAME,
            [".", "..", "*", " x", "x ", "a\tb", "a" * 256],
            "a name|255 characters at most",
        ),
        (Kind.INTEGER, ["", "x", "1.5", "+1", "0x10", " 1", "12345678901", "\u0661"], "an integer"),
        (Kind.SWITCH, ["1", "0", "ja", "y"], "yes or no"),
        (Kind.GUID, ["x", GUID[:-1], f"{{{GUID}", f"{GUID}}}", f"[{GUID}]"], "a GUID such as"),
        (
            Kind.URL,
            [
                "example.test",
                "ftp://a.example.test",
                "https://",
                "https:///p",
                "http://a b",
                "https://a\\b",
                "//a",
            ],
            "an http or https address",
        ),
        (
            Kind.HOST,
            ["a b", "http://a", "a:0", "a:65536", "a:", "-a", "a/b", "[zz]", "[]"],
            "a host or host:port",
        ),
        (Kind.VERSION, ["", "1.", ".1", "1.2.3.4.5", "v1", "1-2", "1.0 "], "one to four numbers"),
        (
            Kind.PORTS,
            ["", "80,", "80-", "90-80", "65536", "a", "1-2-3", "80 81"],
            "ports and ranges",
        ),
        (
            Kind.DATE_TIME,
            [
                "today",
                "2026-12-01",
                "2026-13-01T00:00:00Z",
                "2026-12-01 22:00:00",
                "20261201T220000Z",
            ],
            "a date and time such as",
        ),
        (Kind.THUMBPRINT, ["", "AB", "G" * 40, "A" * 41], "40 hexadecimal digits"),
        (Kind.SHA256, ["A" * 40, "A" * 63, "Z" * 64], "64 hexadecimal digits"),
        (
            Kind.ASSIGNMENTS,
            ["", ";", "A", "=1", "A=", "A=1;B", "1A=1", "A B=1"],
            "NAME=VALUE, with ;",
        ),
        (
            Kind.XML,
            ["", "text", "<a>", "<a/><b/>", "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>"],
            "a well-formed XML document",
        ),
        (Kind.BINARY, ["", "A", "AAA", "####"], "base64, or @PATH"),
        (
            Kind.CERTIFICATE,
            ["", "AAAA", "-----BEGIN CERTIFICATE-----", "<a/>"],
            "a certificate in DER or PEM",
        ),
    ],
)
def test_what_is_refused(kind: Kind, texts: list[str], allowed: str) -> None:
    for text in texts:
        with pytest.raises(ConfigError, match=rf"^it must (be|have) ({allowed})"):
            check_value(parameter(kind), text)


def test_the_error_says_what_was_given_but_never_a_secret() -> None:
    with pytest.raises(ConfigError, match=r"^it must be 4 to 18, not '3'$"):
        check_value(parameter(Kind.INTEGER, minimum=4, maximum=18), "3")
    with pytest.raises(ConfigError, match=r"^it must be 8 or more characters$"):
        check_value(parameter(Kind.TEXT, minimum=8, is_secret=True), "hunter2")
    with pytest.raises(ConfigError, match=r"^it must be 3 or less characters, not 'xxxx'$"):
        check_value(parameter(Kind.TEXT, maximum=3), "xxxx")
    with pytest.raises(ConfigError, match=r"not 'x{40}\.\.\.'$"):
        check_value(parameter(Kind.INTEGER), "x" * 100)


def test_a_choice_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^it must be one of red, green, not 'blue'$"):
        check_value(parameter(Kind.CHOICE, values=("red", "green")), "blue")


def test_a_list_is_judged_part_by_part() -> None:
    colours = parameter(Kind.CHOICE, values=("red", "green"), is_list=True)
    assert check_value(colours, "red, green") == "red,green"
    with pytest.raises(ConfigError, match="not 'blue'"):
        check_value(colours, "red,blue")
    with pytest.raises(ConfigError, match="not ''"):
        check_value(colours, "red,")


@pytest.mark.parametrize(
    ("text", "code"), [("a\0b", "U+0000"), ("\ud800", "U+D800"), ("\uffff", "U+FFFF")]
)
def test_characters_that_no_message_carries_are_refused(text: str, code: str) -> None:
    with pytest.raises(
        ConfigError, match=rf"no message can carry \({code.replace('+', chr(92) + '+')}\)"
    ):
        check_value(parameter(Kind.TEXT), text)


def test_a_text_has_an_end() -> None:
    assert check_value(parameter(Kind.TEXT), "x" * MAX_TEXT)
    with pytest.raises(ConfigError, match=f"must have {MAX_TEXT} characters at most"):
        check_value(parameter(Kind.TEXT), "x" * (MAX_TEXT + 1))
    assert check_value(parameter(Kind.TEXT, file="text"), "x" * (MAX_TEXT + 1))


def test_a_certificate_may_come_in_each_form() -> None:
    der = authorities.root()
    pem = (
        "-----BEGIN CERTIFICATE-----\n"
        + base64.encodebytes(der).decode()
        + "-----END CERTIFICATE-----\n"
    )
    expected = base64.b64encode(der).decode()
    for text in (expected, pem, base64.b64encode(pem.encode()).decode()):
        assert check_value(parameter(Kind.CERTIFICATE, file="binary"), text) == expected
    with pytest.raises(ConfigError, match="must be a certificate"):
        check_value(parameter(Kind.CERTIFICATE, file="binary"), pem + pem)


@given(kind=st.sampled_from(Kind), text=st.text(max_size=60))
def test_any_text_is_taken_or_refused(kind: Kind, text: str) -> None:
    one = parameter(kind, values=("a", "b"))
    try:
        value = check_value(one, text)
    except ConfigError:
        return
    assert check_value(one, value) == value
