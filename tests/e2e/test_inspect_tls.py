"""``mdmproxy inspect`` before real TLS servers, each with one thing wrong: what is found, exactly.

Devices are real curls and openssls that find the server by themselves: they ask the proxy for its
address and name the host in TLS. Each discovers as a user of its own; the answers are those of the
emulated server, so that nothing but TLS can be wrong.
"""

from __future__ import annotations

import re
import ssl
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from mitmproxy import http, io

from mdmcore.http import Request, Response
from mdmcore.namespaces import DISCOVERY_PATH, SOAP_CONTENT_TYPE
from tests.support import messages as m
from tests.support.analysing import analysis_of
from tests.support.curl import Curl, CurlAnswer
from tests.support.https_server import Answer, serving
from tests.support.processes import Process, run
from tests.support.requirements import require_program
from tests.support.server import make_server
from tests.support.tls_chains import (
    A_YEAR,
    BEGIN,
    END,
    PUBLIC_POLICY,
    intermediate,
    leaf,
    root,
    write_chain,
    write_root,
)
from tests.support.tls_server import server_context

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

MDMPROXY = (sys.executable, "-m", "mdmcore")
HOST = m.ENTERPRISE
V = ssl.TLSVersion
ANY = (V.TLSv1, V.TLSv1_3)
WINDOWS_10 = m.discover(
    "{email}",
    "3.0",
    device_type="CIMClient_Windows",
    more="<ApplicationVersion>10.0.19043.1110</ApplicationVersion>",
).decode()
PHONE = m.discover("{email}").decode()

type Chain = tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A server, the device before it, and every rule that may speak."""

    chain: Callable[[], Chain]
    found: frozenset[str]
    passes: tuple[bool, bool] = (True, True)
    """Whether an answer comes with the certificate checked, and without."""
    versions: tuple[V, V] = ANY
    device: tuple[str, ...] = ()
    message: str = PHONE
    asks: ssl.VerifyMode = ssl.CERT_NONE
    alter: Callable[[bytes], bytes] = bytes
    """What becomes of an answer's body."""


def right() -> Chain:
    return (leaf(HOST, issuer=root()), root().certificate)


def below() -> x509.Certificate:
    return leaf(HOST, issuer=intermediate())


def rules(*names: str) -> frozenset[str]:
    return frozenset(names)


REFUSED = (False, True)
NEVER = (False, False)
OTHER_ROOT = ("Unknown Root", "device")
CASES = {
    "right": Case(chain=right, found=rules()),
    "right-with-an-intermediate": Case(
        chain=lambda: (below(), intermediate().certificate), found=rules()
    ),
    "the-chain-out-of-order": Case(
        # RFC 8446 4.4.2: every implementation should be prepared for it.
        chain=lambda: (below(), root().certificate, intermediate().certificate),
        found=rules(),
    ),
    "no-alternative-name": Case(
        # Windows falls back on the CN where there is no DNS name.
        chain=lambda: (leaf(issuer=root(), common_name=HOST), root().certificate),
        found=rules(),
    ),
    "another-name": Case(
        chain=lambda: (leaf("www.example.test", issuer=root()), root().certificate),
        found=rules("tls-name-mismatch"),
        passes=REFUSED,
    ),
    "the-address-alone": Case(
        chain=lambda: (leaf(address="127.0.0.1", issuer=root()), root().certificate),
        found=rules("tls-name-mismatch"),
        passes=REFUSED,
    ),
    "an-address-handed-out": Case(
        # The certificate is right for name and address; a bare address is no host for devices.
        chain=lambda: (leaf(HOST, address="127.0.0.1", issuer=root()), root().certificate),
        found=rules("host-is-ip-address"),
        alter=lambda body: re.sub(
            rb"(?i)https://[a-z.]+\.example\.test", b"https://127.0.0.1", body
        ),
    ),
    "wildcard": Case(
        chain=lambda: (leaf("*.example.test", issuer=root()), root().certificate),
        found=rules("tls-wildcard-certificate"),
    ),
    "expired": Case(
        chain=lambda: (leaf(HOST, issuer=root(), ends=BEGIN + A_YEAR), root().certificate),
        found=rules("tls-certificate-expired"),
        passes=REFUSED,
    ),
    "not-yet-valid": Case(
        chain=lambda: (
            leaf(HOST, issuer=root(), begins=END - timedelta(days=9)),
            root().certificate,
        ),
        found=rules("tls-certificate-expired"),
        passes=REFUSED,
    ),
    "its-own-issuer": Case(
        chain=lambda: (leaf(HOST, issuer=None),),
        found=rules("tls-root-not-on-device"),
        passes=REFUSED,
    ),
    "another-root": Case(
        chain=lambda: (leaf(HOST, issuer=root(*OTHER_ROOT)), root(*OTHER_ROOT).certificate),
        found=rules("tls-root-not-on-device"),
        passes=REFUSED,
    ),
    "another-root-and-name-and-no-more-valid": Case(
        chain=lambda: (
            leaf("www.example.test", issuer=root(*OTHER_ROOT), ends=BEGIN + A_YEAR),
            root(*OTHER_ROOT).certificate,
        ),
        found=rules("tls-root-not-on-device", "tls-name-mismatch", "tls-certificate-expired"),
        passes=REFUSED,
    ),
    "alone-below-a-private-intermediate": Case(
        # Whether a root or an intermediate is missing cannot be seen; the text says so.
        chain=lambda: (below(),),
        found=rules("tls-root-not-on-device"),
        passes=REFUSED,
    ),
    "alone-below-a-public-intermediate": Case(
        chain=lambda: (leaf(HOST, issuer=intermediate(), policies=[PUBLIC_POLICY]),),
        found=rules("tls-chain-incomplete"),
        passes=REFUSED,
    ),
    "the-root-in-place-of-the-intermediate": Case(
        chain=lambda: (below(), root().certificate),
        found=rules("tls-chain-incomplete"),
        passes=REFUSED,
    ),
    "tls-1.3-only": Case(
        chain=right,
        found=rules("tls-too-modern"),
        passes=NEVER,
        versions=(V.TLSv1_3, V.TLSv1_3),
        device=("--tls-max", "1.2"),
    ),
    "tls-1.3-only-for-a-device-that-has-it": Case(
        chain=right, found=rules(), versions=(V.TLSv1_3, V.TLSv1_3)
    ),
    "tls-1.1-only": Case(
        chain=right,
        found=rules("tls-too-old"),
        passes=NEVER,
        versions=(V.TLSv1, V.TLSv1_1),
        device=("--tlsv1.2",),
        message=WINDOWS_10,
    ),
    "tls-1.1-only-for-a-phone": Case(chain=right, found=rules(), versions=(V.TLSv1, V.TLSv1_1)),
    "tls-1.0-only-for-a-phone-of-then": Case(
        chain=right, found=rules(), versions=(V.TLSv1, V.TLSv1), device=("--tls-max", "1.2")
    ),
    "a-client-certificate-asked-at-discovery": Case(
        chain=right, found=rules("tls-client-cert-asked-early"), asks=ssl.CERT_OPTIONAL
    ),
    "a-client-certificate-demanded-at-discovery": Case(
        chain=right,
        found=rules("tls-client-cert-asked-early"),
        passes=NEVER,
        asks=ssl.CERT_REQUIRED,
        versions=(V.TLSv1, V.TLSv1_2),
    ),
}


SHOWN_BY_THE_LEAF = ("another-name", "the-address-alone", "expired", "not-yet-valid")


def altered(answer: Answer, alter: Callable[[bytes], bytes]) -> Answer:
    """The server with that change in each body."""

    def changed(request: Request) -> Response:
        response = answer(request)
        body = alter(response.body or b"")
        headers = response.headers.replaced("Content-Length", str(len(body)))
        return Response(status=response.status, headers=headers, body=body)

    return changed


@dataclass
class Told:
    """What one run of the proxy left, by the server's port: live rule ids with their messages, and
    those of the recording's analysis; ``answers`` is what the device got, by case."""

    ports: dict[str, int] = field(default_factory=dict)
    answers: dict[str, CurlAnswer] = field(default_factory=dict)
    live: dict[int, dict[str, str]] = field(default_factory=dict)
    analysis: dict[int, dict[str, str]] = field(default_factory=dict)
    output: str = ""


def read_live(record: Path) -> list[tuple[str, int, dict[str, str]]]:
    """The server's host and port of each recorded flow, and what was noted on it."""
    found = []
    with record.open("rb") as file:
        for flow in io.FlowReader(file).stream():
            assert isinstance(flow, http.HTTPFlow)
            noted = flow.metadata["mdmproxy"]["findings"]
            rules = {one["rule"]: one["message"] for one in noted}
            found.append((flow.request.host, flow.request.port, rules))
    return found


def analyze(record: Path) -> dict[str, Any]:
    """The analysis of a recording."""
    return analysis_of(record)


def by_exchange(document: dict[str, Any]) -> list[dict[str, str]]:
    """What an analysis finds in each exchange, in their order."""
    found: dict[str, dict[str, str]] = {one["id"]: {} for one in document["exchanges"]}
    for finding in document["findings"]:
        for place in finding["places"]:
            found[place["exchange"]][finding["rule"]] = finding["message"]
    return list(found.values())


def gathered(flows: list[tuple[int, dict[str, str]]]) -> dict[int, dict[str, str]]:
    """All that was found, by port."""
    found: dict[int, dict[str, str]] = {}
    for port, rules in flows:
        found.setdefault(port, {}).update(rules)
    return found


@pytest.fixture(scope="module", params=["checked", "unchecked"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Every case, one after another, through one proxy that knows one root."""
    folder = tmp_path_factory.mktemp(request.param)
    record, conf = folder / "live.mitm", folder / "conf"
    known = write_root(folder / "root.pem", root())
    unchecked = ("--insecure",) if request.param == "unchecked" else ()
    command: list[str | Path] = [
        *(*MDMPROXY, "inspect", "--listen-port", "0", "--confdir", conf, "--record", record),
        *("--upstream-ca", known, *unchecked),
    ]
    result = Told()
    server, database = make_server(folder)
    with ExitStack() as stack:
        process = stack.enter_context(Process(command))
        port = int(process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1])
        curl = Curl(port=port, confdir=conf, folder=folder)
        for name, case in CASES.items():
            context = server_context(case.versions, case.asks, sends_chain=False)
            context.load_cert_chain(write_chain(folder / f"{name}.pem", *case.chain()))
            where = stack.enter_context(serving(context, altered(server.answer, case.alter)))
            result.ports[name] = where
            body = folder / "body"
            body.write_text(case.message.format(email=f"{name}@example.test"))
            result.answers[name] = curl(
                f"https://{HOST}{DISCOVERY_PATH}",
                *("--connect-to", f"::127.0.0.1:{where}", *case.device),
                *("-H", f"Content-Type: {SOAP_CONTENT_TYPE}", "--data-binary", f"@{body}"),
            )
        assert process.interrupt() == 0
        result.output = process.output
    database.close()
    live = [(port, found) for _, port, found in read_live(record)]
    offline = by_exchange(analyze(record))
    result.live = gathered(live)
    result.analysis = gathered(
        [(port, found) for (port, _), found in zip(live, offline, strict=True)]
    )
    return result


@pytest.fixture
def is_checked(request: pytest.FixtureRequest) -> bool:
    return "unchecked" not in request.node.callspec.params.values()


@pytest.mark.parametrize("name", CASES)
def test_each_server_has_exactly_its_findings(told: Told, name: str, is_checked: bool) -> None:
    port, case = told.ports[name], CASES[name]
    # The 502 is told of where it stands, unless the certificate itself shows why it came.
    is_told = not case.passes[0 if is_checked else 1] and name not in SHOWN_BY_THE_LEAF
    wanted = case.found | ({"upstream-tls-failed"} if is_told else set())
    assert told.live[port].keys() == wanted, told.live[port]
    assert told.analysis[port] == told.live[port]


@pytest.mark.parametrize("name", CASES)
def test_the_device_has_its_answer_or_the_proxys(told: Told, name: str, is_checked: bool) -> None:
    answer, passes = told.answers[name], CASES[name].passes[0 if is_checked else 1]
    assert answer.code == 0, answer.error
    assert answer.status == (200 if passes else 502)


def test_the_words_say_what_the_proxy_did_and_what_the_device_would(
    told: Told, is_checked: bool
) -> None:
    said = told.live[told.ports["another-root"]]["tls-root-not-on-device"]
    assert ("gets the proxy's 502" in said) is is_checked
    assert ("was not checked" in said) is not is_checked
    assert "a device breaks off there unless the root was installed on it" in said
    alone = told.live[told.ports["alone-below-a-private-intermediate"]]["tls-root-not-on-device"]
    assert "the intermediate certificate may be what is missing" in alone


def test_nothing_failed_inside(told: Told) -> None:
    assert "Traceback" not in told.output


@pytest.mark.parametrize("option", [(), ("--insecure",)])
def test_before_one_server_alone_its_certificate_may_be_for_the_name_it_is_reached_by(
    tmp_path: Path, option: tuple[str, ...]
) -> None:
    """As a reverse proxy: the device asks for the discovery host, the proxy for localhost."""
    record, conf = tmp_path / "live.mitm", tmp_path / "conf"
    other = root(*OTHER_ROOT)
    chain = write_chain(tmp_path / "c.pem", leaf("localhost", issuer=other), other.certificate)
    context = server_context(ANY, sends_chain=False)
    context.load_cert_chain(chain)
    server, database = make_server(tmp_path)
    with ExitStack() as stack:
        stack.callback(database.close)
        port = stack.enter_context(serving(context, server.answer))
        command: list[str | Path] = [
            *(*MDMPROXY, "inspect", "--upstream", f"https://localhost:{port}", *option),
            *("--listen-port", "0", "--confdir", conf, "--record", record),
        ]
        process = stack.enter_context(Process(command))
        front = process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1]
        done = run(
            [
                *(require_program("curl"), "-q", "-sS", "--noproxy", "*", "-o", tmp_path / "body"),
                *("--cacert", conf / "mitmproxy-ca-cert.pem", "-w", "%{http_code}"),
                *(
                    "--connect-to",
                    f"::127.0.0.1:{front}",
                    f"https://{HOST}{DISCOVERY_PATH}",
                ),
            ]
        )
        assert process.interrupt() == 0
    assert done.returncode == 0, done.stderr
    assert (done.stdout == b"502") is (option == ())
    # The certificate is for the name by which the proxy asks: no mismatch.
    found = [set(rules) for _, _, rules in read_live(record)]
    first = {"upstream-tls-failed"} if option == () else set()
    assert found == [first, {"tls-root-not-on-device"}]
    assert [set(rules) for rules in by_exchange(analyze(record))] == found
