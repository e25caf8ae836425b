"""The sign-in pages, read by a parser of HTML and attacked through every value."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.enrollment.wab import (
    WabRequest,
    end_page,
    is_safe_target,
    parse_wab_page,
    parse_wab_request,
    sign_in_page,
)
from mdmcore.errors import DeviceFault

APPRU = "ms-app://windows.immersivecontrolpanel"
TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\u2028\u2029")
)


@given(TEXT, TEXT)
def test_nothing_leaves_its_attribute(token: str, hint: str) -> None:
    form = parse_wab_page(end_page(APPRU, token))
    assert form is not None
    assert (form.action, form.method) == (APPRU, "post")
    assert form.fields == (("wresult", token),)
    shown = parse_wab_page(sign_in_page(WabRequest(appru=APPRU, login_hint=hint), problem=token))
    assert shown is not None
    assert shown.fields == (("appru", APPRU), ("username", hint), ("password", ""))


@given(TEXT)
def test_a_query_is_read_as_it_was_encoded(hint: str) -> None:
    request = parse_wab_request(urlencode({"appru": APPRU, "login_hint": hint}))
    assert request == WabRequest(appru=APPRU, login_hint=hint)


def test_the_address_is_echoed_with_its_query() -> None:
    appru = "ms-app://s-1-15-2-1/path?a=1&b=\"'<2>"
    form = parse_wab_page(end_page(appru, "t"))
    assert form is not None
    assert form.action == appru


@pytest.mark.parametrize(
    "appru",
    [
        "",
        "javascript:alert(1)",
        "JavaScript://x/%0aalert(1)",
        "data://x",
        "vbscript://x",
        " ms-app://x",
        "ms-app://x\n",
        "//host",
        "ms-app:",
        "http://[x/",
        "ms-app://" + "x" * 3000,
    ],
)
def test_an_address_that_could_run_script_is_refused(appru: str) -> None:
    assert not is_safe_target(appru)
    with pytest.raises(DeviceFault, match="appru"):
        parse_wab_request(urlencode({"appru": appru}))


def test_the_first_of_two_values_counts() -> None:
    assert parse_wab_request(f"appru={APPRU}&appru=javascript:1").appru == APPRU


def test_too_many_fields_are_refused() -> None:
    with pytest.raises(DeviceFault, match="fields"):
        parse_wab_request("&".join("a=1" for _ in range(100)))


def test_a_page_without_a_form_is_none() -> None:
    assert parse_wab_page(b"<html><input name=x>") is None
