"""The policy service: key length and digest for the CSR (MS-XCEP profile, enrollment.md 6).

A renewal by way of discovery comes here, too. A silent one has no password: there the client
certificate of the connection stands for the user [U].
"""

from __future__ import annotations

from mdmcore.enrollment.policies import is_get_policies
from mdmcore.server.certificate_holder import CertificateHolders
from mdmcore.server.certificate_policy import policies_response
from mdmcore.server.refusal import Refusal
from mdmcore.server.settings import ServerSettings
from mdmcore.server.soap_service import SoapCall
from mdmcore.server.user_authentication import UserAuthentication


class PolicyService:
    """Answers GetPolicies."""

    def __init__(
        self, settings: ServerSettings, *, users: UserAuthentication, holders: CertificateHolders
    ) -> None:
        self._settings = settings
        self._users = users
        self._holders = holders

    def get_policies(self, call: SoapCall) -> bytes:
        """The GetPoliciesResponse for a user who proves himself, or a device that enrolled."""
        if not is_get_policies(call.envelope):
            found = call.envelope.body_name
            raise Refusal("MessageFormat", f"expected GetPolicies, found {found}")
        is_silent = not self._users.has_credentials(call.envelope)
        if not is_silent or self._holders.on_connection(call.tls) is None:
            self._users.authenticate(call.envelope)
        return policies_response(self._settings, relates_to=call.envelope.message_id)
