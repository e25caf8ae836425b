"""Fetching a certificate by SCEP: the whole way, and where the device gives up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from mdmcore.http import Headers, Request, Response
from mdmcore.phone import Refusal, run
from mdmcore.phone.device.work import ScepOrder
from mdmcore.phone.scep_client import ScepClient
from mdmcore.pki.certificate import Certificate, verify_issued_by
from mdmcore.pki.csr import parse_pkcs10, signature_problem
from mdmcore.pki.scep import parse_scep_message, requested_message, scep_operation
from mdmcore.pki.scep_message import open_scep_message, seal
from mdmcore.server.scep import ScepService, signed_reply
from mdmcore.server.settings import ServerSettings
from tests.support.keys import load_key, spki
from tests.support.server import NOW, counted_random, make_authority

URL = "https://scep.example.test/scep"
AUTHORITY = make_authority()
ORDER = ScepOrder(
    url=URL,
    subject="CN=Wi-Fi 0001",
    challenge="example-challenge",
    thumbprint=AUTHORITY.parsed.thumbprint,
)


@dataclass
class Server:
    """The emulated SCEP server, whose answers to an operation may be altered."""

    edits: dict[str, Callable[[Response], Response]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        service = ScepService(
            ServerSettings(domains=("example.test",)),
            authority=AUTHORITY,
            clock=lambda: NOW,
            random=counted_random("scep"),
        )
        answer = service.answer(request)
        edit = self.edits.get(scep_operation(request) or "")
        return answer if edit is None else edit(answer)

    @property
    def operations(self) -> list[str]:
        return [scep_operation(request) or "" for request in self.requests]


def fetched(server: Server, order: ScepOrder = ORDER) -> Certificate:
    client = ScepClient(
        order=order,
        private_key=load_key("device2"),
        user_agent="device",
        random=counted_random("device"),
        now=NOW,
    )
    return run(client.run(), server)


def body(data: bytes) -> Callable[[Response], Response]:
    return lambda answer: replace(answer, body=data, headers=Headers([]))


def test_the_certificate_is_for_the_new_key_and_the_wanted_subject() -> None:
    server = Server()
    made = fetched(server)
    assert server.operations == ["GetCACaps", "GetCACert", "PKIOperation"]
    assert made.spki == spki("device2")
    assert made.subject.rfc4514() == "CN=Wi-Fi 0001"
    assert verify_issued_by(made, AUTHORITY.parsed)


def test_the_request_has_the_challenge_and_is_for_the_ca_only() -> None:
    server = Server()
    fetched(server)
    asked = requested_message(server.requests[-1])
    assert asked is not None
    assert (asked.message_type, asked.pki_status) == ("19", None)
    opened, signer = open_scep_message(
        server.requests[-1].body or b"",
        certificate=AUTHORITY.certificate,
        private_key=AUTHORITY.private_key,
    )
    csr = parse_pkcs10(opened)
    assert signature_problem(csr) is None
    assert b"example-challenge" in csr.attributes_raw
    assert b"example-challenge" not in (server.requests[-1].body or b"")
    assert signer.spki == csr.spki == spki("device2")


def test_another_ca_is_asked_for_three_times_and_then_left() -> None:
    other = make_authority(key="enterprise").certificate
    server = Server({"GetCACert": body(other)})
    with pytest.raises(Refusal, match="CAThumbprint"):
        fetched(server)
    assert server.operations == ["GetCACaps", *["GetCACert"] * 3]
    assert fetched(Server(), replace(ORDER, thumbprint="")).spki == spki("device2")


def reply(**changes: object) -> Callable[[Response], Response]:
    """The CertRep signed anew with other attributes."""

    def edit(answer: Response) -> Response:
        parts = parse_scep_message(answer.body or b"")
        assert parts is not None
        changed = replace(parts, **changes)  # type: ignore[arg-type]
        return body(signed_reply(seal(b"", AUTHORITY.certificate), changed, AUTHORITY))(answer)

    return edit


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"recipient_nonce": None}, "CertRep/recipientNonce"),
        ({"recipient_nonce": b"another"}, "CertRep/recipientNonce"),
        ({"transaction_id": "X"}, "CertRep/transactionID"),
        ({"message_type": None}, "CertRep/messageType"),
        ({"pki_status": "2"}, "CertRep/pkiStatus"),
        ({}, "CertRep"),
    ],
)
def test_a_reply_that_does_not_fit_is_dropped(changes: dict[str, object], place: str) -> None:
    with pytest.raises(Refusal) as caught:
        fetched(Server({"PKIOperation": reply(**changes)}))
    assert (caught.value.step, caught.value.place) == ("scep", place)


@pytest.mark.parametrize(
    ("operation", "edit", "place"),
    [
        ("GetCACaps", lambda answer: replace(answer, status=404), "status"),
        ("GetCACert", body(b"<html/>"), "GetCACert"),
        ("PKIOperation", body(b"<html/>"), "CertRep"),
    ],
)
def test_what_is_no_answer_ends_it(
    operation: str, edit: Callable[[Response], Response], place: str
) -> None:
    with pytest.raises(Refusal) as caught:
        fetched(Server({operation: edit}))
    assert caught.value.place == place


@pytest.mark.parametrize(
    ("order", "place"),
    [
        (replace(ORDER, url="http://scep.example.test/"), "ServerURL"),
        (replace(ORDER, subject="no name"), "SubjectName"),
    ],
)
def test_an_order_that_cannot_be_carried_out(order: ScepOrder, place: str) -> None:
    with pytest.raises(Refusal) as caught:
        fetched(Server(), order)
    assert caught.value.place == place


def test_a_key_that_the_server_does_not_take_is_refused_with_a_status() -> None:
    client = ScepClient(
        order=ORDER,
        private_key=load_key("device2"),
        user_agent="device",
        random=counted_random("device"),
        now=NOW,
    )
    service = ScepService(
        ServerSettings(domains=("example.test",), key_lengths=(4096,)),
        authority=AUTHORITY,
        clock=lambda: NOW,
        random=counted_random("scep"),
    )
    with pytest.raises(Refusal) as caught:
        run(client.run(), service.answer)
    assert (caught.value.place, caught.value.evidence) == ("CertRep/pkiStatus", "2")
