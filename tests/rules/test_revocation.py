"""What an exchange tells of a revocation list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mdmcore.http import Exchange, Headers, Request, Response, TlsFacts
from mdmcore.rules.life import Life
from mdmcore.rules.model import Severity
from mdmcore.rules.revocation import (
    REACHED,
    cap,
    fetched,
    floor,
    is_for_list,
    named_lists,
    problem_of,
)
from tests.support.tls_chains import BEGIN, revocation_list, root

URL = "http://pki.example.test/ca.crl"
WHERE = "pki.example.test:80/ca.crl"
LIST = revocation_list(root())


def exchange(
    response: Response | None, *, url: str = URL, error: str | None = None, method: str = "GET"
) -> Exchange:
    return Exchange(
        id="x:1",
        index=1,
        capture="x",
        request=Request(method=method, url=url),
        response=response,
        started=datetime(2026, 6, 1, tzinfo=UTC),
        error=error,
    )


OLD = revocation_list(root(), ends=BEGIN + timedelta(days=7))


@pytest.mark.parametrize(
    ("response", "error", "state"),
    [
        (Response(status=200, body=LIST), None, REACHED),
        (Response(status=200, body=None), None, REACHED),
        (Response(status=304), None, REACHED),
        (Response(status=302), None, None),
        (Response(status=404), None, "status 404"),
        (Response(status=200, body=b"<html>"), None, "what came is no revocation list"),
        (
            Response(status=200, body=OLD),
            None,
            "the list that came was due to be replaced on 2000-01-08",
        ),
        (None, "timed out", "no answer came (timed out)"),
        (None, None, None),
    ],
)
def test_what_became_of_it(response: Response | None, error: str | None, state: str | None) -> None:
    assert fetched(exchange(response, error=error)) == state


def test_what_looks_like_one() -> None:
    typed = Response(status=200, headers=Headers([("Content-Type", "application/pkix-crl")]))
    assert is_for_list(exchange(None))
    assert is_for_list(exchange(typed, url="http://pki.example.test/list"))
    assert not is_for_list(exchange(Response(status=200), url="http://pki.example.test/list"))
    assert not is_for_list(exchange(None, method="POST"))


def test_a_certificate_without_a_list_or_none_at_all() -> None:
    assert named_lists(None) == ()
    assert named_lists(TlsFacts()) == ()
    assert named_lists(TlsFacts(server_certificates=(b"none",))) == ()


@pytest.mark.parametrize(
    ("urls", "known", "state"),
    [
        ((URL,), {}, None),
        ((URL,), {WHERE: REACHED}, REACHED),
        ((URL,), {WHERE: "status 404"}, "status 404"),
        ((URL, "http://b.test/x"), {WHERE: "status 404"}, None),
        ((URL, "http://b.test/x"), {WHERE: "status 404", "b.test:80/x": REACHED}, REACHED),
        ((URL, "ldap:///CN=ca"), {WHERE: "status 404"}, "status 404"),
        (("ldap:///CN=ca",), {}, None),
    ],
)
def test_one_place_of_several_is_enough(
    urls: tuple[str, ...], known: dict[str, str], state: str | None
) -> None:
    assert problem_of(urls, known) == state


def test_the_severity_goes_by_what_is_known() -> None:
    both = ((URL,), ("http://b.test/x",))
    assert (cap(Life()), floor(Life())) == (None, None)
    reached = Life(named_lists=both[:1], known_lists={WHERE: REACHED})
    assert (cap(reached), floor(reached)) == (Severity.NONE, None)
    half = Life(named_lists=both, known_lists={WHERE: REACHED})
    assert (cap(half), floor(half)) == (None, None)
    failed = Life(named_lists=both, known_lists={WHERE: "status 404"})
    assert (cap(failed), floor(failed)) == (None, Severity.ERROR)
