"""An enrolment through the inspector whose answer is altered on the way: one error, and only one.

The relay stands for a real server: the emulated one behind plain HTTP, which re-signs the client
certificate with a UTF8String subject under the same CA and corrects the thumbprint.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from mdmcore.cli.transport import trust_only
from mdmcore.http import Headers, Request, Response
from mdmcore.phone.drive import run as drive
from mdmcore.phone.enrollment import enroll
from mdmcore.phone.settings import PhoneSettings
from mdmcore.pki.certificate import parse_certificate
from mdmcore.server import Hub, MdmServer
from tests.support.certificates import UTF8_STRING, forge_certificate
from tests.support.keys import load_key
from tests.support.processes import Process, run
from tests.support.server import counted_random, make_authority, make_server

pytestmark = pytest.mark.e2e

MDMPROXY = (sys.executable, "-m", "mdmcore")
type Alteration = Callable[[Request, Response], Response]


class Package:
    """A hub package that nobody fetches."""

    size = 1
    etag = '"e"'
    media_type = "application/x-silverlight-app"

    def read(self, start: int, length: int) -> bytes:
        return b"x"[start : start + length]


HUB = Hub(
    package=Package(),
    file_name="hub.xap",
    product_id="{5E1B0E5A-7C54-4E5B-9D5C-6A1F6D1C0DE0}",
    enterprise_id="4000000001",
    enrollment_token=base64.b64encode(b"<AET><EnterpriseId Value='4000000001'/></AET>").decode(),
)


def utf8_subject(request: Request, response: Response) -> Response:
    """Re-sign the client certificate: the same key and name, the name as UTF8String."""
    token = re.search(rb">([A-Za-z0-9+/=]{200,})<", response.body or b"")
    if token is None:
        return response
    document = base64.b64decode(token[1])
    for thumbprint, encoded in re.findall(
        rb'type="([0-9A-F]{40})"><parm name="EncodedCertificate" value="([^"]+)"', document
    ):
        old = parse_certificate(base64.b64decode(encoded))
        if old.is_self_issued:
            continue
        forged = forge_certificate(
            old.spki,
            authority=make_authority(),
            subject_value=(old.subject.common_name or "").encode(),
            subject_tag=UTF8_STRING,
            now=datetime.now(UTC),
        )
        digest = hashlib.sha1(forged, usedforsecurity=False).hexdigest().upper().encode()
        document = document.replace(thumbprint, digest)
        document = document.replace(encoded, base64.b64encode(forged))
    body = (response.body or b"").replace(token[1], base64.b64encode(document))
    return Response(
        status=response.status,
        headers=response.headers.replaced("Content-Length", str(len(body))),
        body=body,
    )


def unchanged(request: Request, response: Response) -> Response:
    return response


@contextmanager
def relay(server: MdmServer, alter: Alteration) -> Iterator[str]:
    """The server behind plain HTTP; yields its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            host = (self.headers.get("Host") or "").partition(":")[0]
            request = Request(
                method=self.command,
                url=f"https://{host}{self.path}",
                headers=Headers(self.headers.items()),
                body=body,
            )
            response = alter(request, server.answer(request))
            self.send_response(response.status)
            for name, value in response.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(response.body or b"")

        do_GET = do_POST = _answer  # noqa: N815

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_address[1]}"
        finally:
            listening.shutdown()
            thread.join()


def enroll_through(port: int, authority_pem: str) -> None:
    """Drive the phone with every host name leading to the inspector."""
    with httpx.Client(verify=trust_only(authority_pem).context(), trust_env=False) as client:

        def send(request: Request) -> Response:
            url = httpx.URL(request.url)
            answer = client.request(
                request.method,
                url.copy_with(host="127.0.0.1", port=port),
                headers=[*request.headers, ("Host", url.host)],
                content=request.body,
                extensions={"sni_hostname": url.host},
            )
            return Response(
                status=answer.status_code,
                headers=Headers(answer.headers.multi_items()),
                body=answer.content,
            )

        settings = PhoneSettings(
            email="demo@example.test",
            username="demo@example.test",
            password="pw",
            device_id="urn:uuid:CE9DF168-3B6A-5099-83CB-A49FC6613F9D",
        )
        phone = enroll(
            settings,
            private_key=load_key("device"),
            random=counted_random("phone"),
            clock=lambda: datetime.now(UTC),
        )
        drive(phone, send)


@pytest.mark.parametrize(
    ("alter", "errors", "code"),
    [
        pytest.param(unchanged, [], 0, id="unaltered"),
        pytest.param(utf8_subject, ["cert-subject-not-printable"], 1, id="utf8-subject"),
    ],
)
def test_the_inspector_finds_the_one_mistake(
    tmp_path: Path, alter: Alteration, errors: list[str], code: int
) -> None:
    record = tmp_path / "session.mitm"
    server, store = make_server(tmp_path, hub=HUB, clock=lambda: datetime.now(UTC))  # type: ignore[arg-type]
    with relay(server, alter) as upstream:
        inspect = Process(
            [
                *(*MDMPROXY, "inspect", "--upstream", upstream, "--listen-port", "0"),
                *("--record", record, "--confdir", tmp_path / "conf"),
            ]
        )
        with inspect:
            port = int(inspect.wait_for(r"mdmproxy: listening on 127\.0\.0\.1:(\d+)$")[1])
            enroll_through(port, (tmp_path / "conf" / "mitmproxy-ca-cert.pem").read_text())
            assert inspect.interrupt() == 0
    store.close()

    done = run([*MDMPROXY, "analyze", record, "--format", "json"])
    assert done.returncode == code, done.stderr
    analysis = json.loads(done.stdout)
    assert [one["kind"] for one in analysis["exchanges"]][-3:] == ["discover", "getpolicies", "rst"]
    found = [one["rule"] for one in analysis["findings"] if one["severity"] == "error"]
    assert found == errors
