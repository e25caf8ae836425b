"""The discovery service: who serves this user, and how he proves himself (MS-MDE 3.1).

Sources: enrollment.md 1 and 4. What the device says of itself is remembered for its enrolment.
"""

from __future__ import annotations

from mdmcore.enrollment.discovery import (
    DiscoverRequest,
    DiscoverResponse,
    parse_discover,
    serialize_discover_response,
)
from mdmcore.profiles import FEDERATED
from mdmcore.records import DiscoveryRecord
from mdmcore.server.ports import Clock, StateStore
from mdmcore.server.profile import choose_auth_policy, enrollment_version, profile_for
from mdmcore.server.refusal import refusal_for
from mdmcore.server.settings import ServerSettings
from mdmcore.server.soap_service import SoapCall


class DiscoveryService:
    """Answers Discover."""

    def __init__(self, settings: ServerSettings, *, store: StateStore, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock

    def discover(self, call: SoapCall) -> bytes:
        """The DiscoverResponse; a Refusal when no AuthPolicy suits both sides."""
        discover = parse_discover(call.envelope)
        self._remember(discover)
        profile = profile_for(
            device_type=discover.device_type,
            request_version=discover.request_version,
            application_version=discover.application_version,
            default=self._settings.profile,
            is_discover=True,
        )
        allowed = self._settings.auth_policies
        policy = choose_auth_policy(profile, offered=discover.auth_policies, allowed=allowed)
        if policy is None:
            offered = discover.auth_policies or profile.auth_policies
            raise refusal_for(
                profile,
                "Authorization",
                f"{profile.title} can prove its user by {', '.join(offered)}, this server allows "
                f"{', '.join(allowed)}",
                error_type="NotSupported",
            )
        host = self._settings.service_host(call.domain, call.host)
        answer = DiscoverResponse(
            auth_policy=policy,
            policy_url=self._settings.policy_url(host),
            enrollment_url=self._settings.enrollment_url(host),
            authentication_url=(
                self._settings.authentication_url(host) if policy == FEDERATED else ""
            ),
            enrollment_version=enrollment_version(profile, discover.request_version),
        )
        return serialize_discover_response(answer, relates_to=call.envelope.message_id)

    def _remember(self, discover: DiscoverRequest) -> None:
        self._store.record_discovery(
            DiscoveryRecord(
                # DOMAIN\\user, as the documentation prints it (enrollment.md 2)
                email_address=discover.email_address.replace("\\\\", "\\"),
                request_version=discover.request_version,
                device_type=discover.device_type,
                seen=self._clock(),
            )
        )
