"""The emulated server's entrance: one request in, one response out, routed by host and path.

Paths match without case and the query is ignored (design section 5). What a device is told is in
the store before ``answer`` returns. Bad input becomes the protocol's own refusal, never an error.
"""

from __future__ import annotations

from mdmcore.http import Headers, Request, Response, TlsFacts
from mdmcore.namespaces import DISCOVERY_PATH
from mdmcore.pki.authority import Authority
from mdmcore.server.answers import plain_answer
from mdmcore.server.enrollment import EnrollmentServices
from mdmcore.server.hub import plan_download
from mdmcore.server.management import Checkpoint, ManagementService
from mdmcore.server.ports import Clock, Random, StateStore
from mdmcore.server.scep import ScepService
from mdmcore.server.settings import (
    AUTHENTICATION_PATH,
    DM_PATH,
    ENROLLMENT_PATH,
    POLICY_PATH,
    SCEP_PATH,
    ServerSettings,
)


class MdmServer:
    """A complete MDM server for one phone generation; safe to call from several threads.

    Per-device order is the caller's: two messages of one device must not be answered at once.
    ``checkpoint`` is told what each DM message has reached (``management``); tests install it.
    """

    def __init__(
        self,
        settings: ServerSettings,
        *,
        authority: Authority,
        store: StateStore,
        clock: Clock,
        random: Random,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self.settings = settings
        enrollment = EnrollmentServices(
            settings, authority=authority, store=store, clock=clock, random=random
        )
        self._management = ManagementService(
            settings, store=store, clock=clock, random=random, checkpoint=checkpoint
        )
        self._gets = {
            DISCOVERY_PATH.lower(): _probe,
            AUTHENTICATION_PATH.lower(): enrollment.web_authentication.show,
        }
        self._soap = {
            DISCOVERY_PATH.lower(): enrollment.discover,
            POLICY_PATH.lower(): enrollment.get_policies,
            ENROLLMENT_PATH.lower(): enrollment.request_security_token,
        }
        self._posts = {
            AUTHENTICATION_PATH.lower(): enrollment.web_authentication.sign_in,
        }
        self._dm_path = DM_PATH.lower()
        self._scep_path = SCEP_PATH.lower()
        self._scep = ScepService(settings, authority=authority, clock=clock, random=random)

    def answers_for(self, host: str) -> bool:
        """Whether a connection to that host (any case, no port) is for this server."""
        return self.settings.domain_of(host) is not None

    def is_hub_request(self, request: Request) -> bool:
        """Whether the request is for the hub package, which the edge may stream itself."""
        is_ours = self.answers_for(request.host) and self.settings.is_hub_path(request.path)
        return is_ours and not _is_plain(request)

    def asks_client_certificate(self, host: str) -> bool:
        """Whether a connection to that host is to be asked for a client certificate."""
        return self.settings.asks_client_certificate(host)

    def answer(self, request: Request, tls: TlsFacts | None = None) -> Response:
        """The answer to one request, 404 for hosts and paths that are not ours.

        ``tls`` is what is known of the connection; its client certificates were not verified.
        """
        domain = self.settings.domain_of(request.host)
        if domain is None:
            return plain_answer(404, f"{request.host} is not a host of this server")
        if _is_plain(request):
            return _answer_plain(request)
        if self.settings.is_hub_path(request.path):
            return self._hub(request)
        path = request.path.lower()
        if path == self._scep_path:
            return self._scep.answer(request)
        if path not in self._soap and path not in self._posts and path != self._dm_path:
            return plain_answer(404, f"nothing at {request.path}")
        if request.method == "GET" and path in self._gets:
            return self._gets[path](request, domain)
        if request.method != "POST":
            allowed = "GET, POST" if path in self._gets else "POST"
            return plain_answer(405, "method not allowed", ("Allow", allowed))
        if path in self._soap:
            return self._soap[path](request, domain, tls)
        if path == self._dm_path:
            return self._management.answer(request, domain, tls)
        return self._posts[path](request, domain)

    def _hub(self, request: Request) -> Response:
        hub = self.settings.hub
        assert hub is not None
        package = hub.package
        plan = plan_download(
            request.method,
            request.headers,
            size=package.size,
            etag=package.etag,
            media_type=package.media_type,
        )
        body = package.read(plan.start, plan.length) if plan.length else b""
        return Response(status=plan.status, headers=plan.headers, body=body)


def _is_plain(request: Request) -> bool:
    return request.url.lower().startswith("http:")


def _answer_plain(request: Request) -> Response:
    """Over plain HTTP a device only looks for a redirect (enrollment.md section 2)."""
    if request.method == "GET" and request.path.lower() == DISCOVERY_PATH.lower():
        target = f"https://{request.host}{DISCOVERY_PATH}"
        return plain_answer(302, f"discovery is at {target}", ("Location", target))
    return plain_answer(403, "secrets must not travel in the clear: use https")


def _probe(_request: Request, _domain: str) -> Response:
    """The first GET: 200, an empty HTML body (enrollment.md section 2, L-OnPrem)."""
    return Response(
        status=200,
        headers=Headers(
            [
                ("Content-Type", "text/html"),
                ("Cache-Control", "no-cache"),
                ("Content-Length", "0"),
            ]
        ),
        body=b"",
    )
