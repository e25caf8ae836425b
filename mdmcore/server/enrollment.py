"""The enrolment half of the emulated server: its services put together, each behind its POST.

Requests are read tolerantly, hosts inside them are not compared, answers are the strict form for
WP8.0 (enrollment.md 2 to 9). What a service does stands in the module named after it.
"""

from __future__ import annotations

from mdmcore.enrollment.token import parse_rst
from mdmcore.http import Request, Response, TlsFacts
from mdmcore.pki.authority import Authority
from mdmcore.server.certificate_holder import CertificateHolders
from mdmcore.server.discovery import DiscoveryService
from mdmcore.server.issue import IssueService
from mdmcore.server.passwords import PasswordList
from mdmcore.server.policies import PolicyService
from mdmcore.server.ports import Clock, Random, StateStore
from mdmcore.server.renewal import RenewalService
from mdmcore.server.renewal_token import is_renewal
from mdmcore.server.settings import ServerSettings
from mdmcore.server.soap_service import SoapCall, SoapServices
from mdmcore.server.user_authentication import UserAuthentication
from mdmcore.server.user_tokens import UserTokens
from mdmcore.server.web_authentication import WebAuthentication


class EnrollmentServices:
    """The three SOAP services, each method answers one POST; and the sign-in pages."""

    def __init__(
        self,
        settings: ServerSettings,
        *,
        authority: Authority,
        store: StateStore,
        clock: Clock,
        random: Random,
    ) -> None:
        tokens = UserTokens(
            store=store,
            clock=clock,
            random=random,
            lifetime=settings.token_lifetime,
            accepts_jwt=settings.accepts_jwt,
        )
        users = UserAuthentication(
            settings.auth_policies,
            passwords=PasswordList(settings.users, clock=clock, random=random),
            tokens=tokens,
        )
        holders = CertificateHolders(store=store, clock=clock)
        self._soap = SoapServices(random=random)
        self._discovery = DiscoveryService(settings, store=store, clock=clock)
        self._policies = PolicyService(settings, users=users, holders=holders)
        self._issue = IssueService(
            settings, authority=authority, store=store, clock=clock, random=random, users=users
        )
        self._renewal = RenewalService(
            settings,
            authority=authority,
            store=store,
            clock=clock,
            random=random,
            users=users,
            holders=holders,
        )
        self.web_authentication = WebAuthentication(tokens, is_password=users.is_password)

    def discover(self, request: Request, domain: str, tls: TlsFacts | None) -> Response:
        """MS-MDE 3.1: who serves this user. DeviceType and RequestVersion are remembered."""
        return self._soap.answer(request, domain, tls, self._discovery.discover)

    def get_policies(self, request: Request, domain: str, tls: TlsFacts | None) -> Response:
        """MS-XCEP: key length and digest for the CSR."""
        return self._soap.answer(request, domain, tls, self._policies.get_policies)

    def request_security_token(
        self, request: Request, domain: str, tls: TlsFacts | None
    ) -> Response:
        """MS-WSTEP: CSR in, wap-provisioningdoc out; for a first certificate and a renewed one."""
        return self._soap.answer(request, domain, tls, self._issue_or_renew)

    def _issue_or_renew(self, call: SoapCall) -> bytes:
        token = parse_rst(call.envelope)
        service = self._renewal.renew if is_renewal(token) else self._issue.issue
        return service(call, token)
