"""Both messages of an exchange: what is masked in one is masked in the other."""

from __future__ import annotations

from dataclasses import replace

from mdmcore.http import Exchange, Headers, Notes, Request, Response
from mdmcore.inspector import Inspector
from mdmcore.report.analysis import Row
from mdmcore.report.html.exchange_view import ExchangeView, exchange_view, record_of
from mdmcore.report.html.messages import Names
from tests.report.html.material import HOSTILE, PLANTED, UNPRINTABLE, right_life

NAMES = Names(asked="asked", answered="answered")


def view(exchange: Exchange, *, show_secrets: bool = False) -> ExchangeView:
    inspection = Inspector(show_secrets=show_secrets).inspect(exchange)
    row = Row(exchange=exchange, inspection=inspection)
    return exchange_view(row, NAMES, show_secrets=show_secrets)


def echoed() -> Exchange:
    """A server that says the password again, at a place where nobody looks for one."""
    body = f"<Envelope><Header><Password>{PLANTED}</Password></Header></Envelope>".encode()
    answer = f"<Envelope><Body><Echo>for {PLANTED}</Echo></Body></Envelope>".encode()
    headers = Headers([("Content-Type", "text/xml"), ("X-Echo", f"was {PLANTED}")])
    return Exchange(
        id="c:1",
        index=1,
        capture="c",
        request=Request(method="POST", url="https://a/", headers=headers, body=body),
        response=Response(status=200, headers=headers, body=answer),
    )


def test_a_secret_of_one_message_is_masked_in_the_other() -> None:
    found = view(echoed())
    assert found.answered.body is not None
    assert found.answered.head is not None
    assert "<Echo>for ***</Echo>" in found.answered.body.parts[0].text
    assert [field.value for field in found.answered.head.fields] == ["text/xml", "was ***"]
    assert PLANTED not in repr((found.asked.head, found.answered))
    assert PLANTED in repr(view(echoed(), show_secrets=True).answered)


def test_the_document_of_an_enrolment_is_shown_below_its_answer() -> None:
    enrolment = right_life()[3]
    found = view(enrolment).answered
    assert found.body is not None
    assert found.body.parts[1].heading.startswith("a provisioning document in it")
    assert '<parm name="AAUTHSECRET" value="***"' in found.body.parts[1].text
    assert "device-secret" not in repr(found)


def test_an_answer_that_did_not_come_says_why() -> None:
    lost = Exchange(
        id="c:1",
        index=1,
        capture="c",
        request=Request(method="GET", url="https://a/"),
        error="connection reset",
    )
    found = view(lost).answered
    assert (found.head, found.body, found.absent) == (None, None, "connection reset")


def test_the_facts_have_nothing_unprintable() -> None:
    url = f"https://a/{HOSTILE}{UNPRINTABLE}"
    odd = Exchange(
        id=f"{UNPRINTABLE}:1",
        index=1,
        capture=UNPRINTABLE,
        request=Request(method=UNPRINTABLE, url=url),
        error=UNPRINTABLE,
    )
    row = Row(exchange=odd, inspection=Inspector().inspect(odd))
    facts = record_of(row, Names(asked="a", answered=""), number=1, show_secrets=False)
    shown = [facts.id, facts.capture, facts.method, facts.url, facts.host, facts.failure]
    assert all(text.isprintable() for text in shown)


def test_a_persons_note_is_shown_without_ours() -> None:
    noted = replace(echoed(), notes=Notes(comment=f"see here {PLANTED} [mdm] x; 1 error [/mdm]"))
    assert view(noted).note == "see here ***"
