"""A server's revocation list, and devices that fetch it through ``mdmproxy inspect``, or cannot."""

from __future__ import annotations

import os
import ssl
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mdmcore.cli.transport import trust_only
from mdmcore.http import Request, Response
from mdmcore.phone.drive import run as drive
from mdmcore.phone.enrollment import enroll
from mdmcore.phone.management import sync
from mdmcore.phone.settings import PhoneSettings
from mdmcore.pki.authority import create_authority
from tests.e2e.test_inspect_tls import MDMPROXY, analyze
from tests.matrix.material import hub
from tests.support.curl import Curl
from tests.support.https_server import serving
from tests.support.keys import load_key
from tests.support.messages import ENTERPRISE
from tests.support.processes import Process, free_port
from tests.support.server import FixedClock, make_server
from tests.support.tls_chains import leaf, revocation_list, root, write_chain, write_root
from tests.support.tls_server import server_context
from tests.support.tunnel import Tunnel

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

HOSTS = (ENTERPRISE, "mdm.example.test")
LISTS = {
    "/right.crl": Response(status=200, body=revocation_list(root())),
    "/page.crl": Response(status=200, body=b"<html>not here</html>"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Where the list is (``{port}`` of its server), whether CRLCheck wants it, and whether the
    device asks for it; the severity of what is found, if anything is."""

    path: str | None
    severity: str | None
    checks: bool = True
    asks: bool = True


CASES = {
    "no-list": Case(path=None, severity=None, asks=False),
    "never-asked-for": Case(path="/silent.crl", severity="warning", asks=False),
    "there": Case(path="/right.crl", severity=None),
    "absent": Case(path="/absent.crl", severity="error"),
    "a-page": Case(path="/page.crl", severity="error"),
    "no-server": Case(path="nowhere", severity="error"),
    "absent-and-not-checked": Case(path="/absent2.crl", severity=None, checks=False),
}


def now() -> datetime:
    return datetime.now(UTC)


def live(tunnel: Tunnel, number: int) -> None:
    """A phone enrols and holds a session."""
    user = f"user{number}@example.test"
    settings = PhoneSettings(
        email=user,
        username=user,
        password="any",
        device_id=f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
    )
    key = load_key("device")
    phone = drive(enroll(settings, private_key=key, random=os.urandom, clock=now), tunnel)
    assert drive(sync(phone, random=os.urandom, clock=now), tunnel).is_client_authenticated


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """For each case, rule ids and severities of its life, by the analysis of the recording."""
    folder = tmp_path_factory.mktemp("lists")
    record, conf = folder / "live.mitm", folder / "conf"
    command: list[str | Path] = [
        *(*MDMPROXY, "inspect", "--listen-port", "0", "--confdir", conf, "--record", record),
        *("--upstream-ca", write_root(folder / "root.pem", root())),
    ]
    authority = create_authority(
        common_name="Test enrollment CA",
        private_key=load_key("authority"),
        now=now() - timedelta(days=1),
        serial=1,
        lifetime=timedelta(days=3650),
    )

    def lists(request: Request) -> Response:
        return LISTS.get(request.path, Response(status=404, body=b"no such list"))

    with ExitStack() as stack:
        lists_at = f"http://127.0.0.1:{stack.enter_context(serving(None, lists))}"
        nowhere = f"http://127.0.0.1:{free_port()}/nowhere.crl"
        process = stack.enter_context(Process(command))
        port = int(process.wait_for(r"^mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1])
        trust = trust_only((conf / "mitmproxy-ca-cert.pem").read_text("ascii")).context()
        curl = Curl(port=port, confdir=conf, folder=folder)
        for number, (name, case) in enumerate(CASES.items(), start=1):
            own = folder / name
            own.mkdir()
            server, database = make_server(
                own,
                clock=FixedClock(now()),
                seed=name,
                authority=authority,
                hub=replace(hub(), crl_check=case.checks),
            )
            stack.callback(database.close)
            url = nowhere if case.path == "nowhere" else f"{lists_at}{case.path}"
            certificate = leaf(
                *HOSTS, issuer=root(), revocation_list=None if case.path is None else url
            )
            context = server_context((ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3))
            context.load_cert_chain(write_chain(own / "server.pem", certificate))
            where = stack.enter_context(serving(context, server.answer))
            with Tunnel(proxy=port, port=where, context=trust) as tunnel:
                live(tunnel, number)
            if case.asks:
                curl(url)
        assert process.interrupt() == 0
    assert "Traceback" not in process.output
    document = analyze(record)
    lives = [life["id"] for life in document["lives"]]
    assert len(lives) == len(CASES)
    result: dict[str, dict[str, str]] = {name: {} for name in CASES}
    for finding in document["findings"]:
        name = list(CASES)[lives.index(finding["life"])]
        result[name][finding["rule"]] = finding["severity"]
    return result


@pytest.mark.parametrize("name", CASES)
def test_each_list_has_its_finding_and_no_other(
    found: dict[str, dict[str, str]], name: str
) -> None:
    severity = CASES[name].severity
    assert found[name] == ({} if severity is None else {"crl-unreachable": severity})
