"""What of a provisioning document a generation of devices gets (enrollment.md 1 and 9).

The table of profiles says it all; nothing here knows a profile by name.
"""

from __future__ import annotations

from dataclasses import replace

from mdmcore.enrollment.provisioning import Parm
from mdmcore.enrollment.provisioning_model import (
    Application,
    CertificateStore,
    DmClientBranch,
    Poll,
    Provisioning,
    Registry,
    Renew,
)
from mdmcore.profiles import ON_PREMISE, DeviceProfile, PollScheme, RenewalWay


def form_for(
    profile: DeviceProfile,
    content: Provisioning,
    *,
    auth_policy: str = ON_PREMISE,
    is_device_enrollment: bool = False,
) -> Provisioning:
    """The content in the form of the profile: its stores and keys, without what it does not read.

    ``auth_policy`` is how the user was proven, ``is_device_enrollment`` whether the request's
    EnrollmentType was ``Device``. The result's own form is the same again.
    """
    is_registry = profile.poll_schemes[0] is PollScheme.REGISTRY
    certificates = _certificates(profile, content.certificates, is_device=is_device_enrollment)
    renew = content.certificates.renew
    return replace(
        content,
        certificates=replace(certificates, renew=_renew(profile, renew, auth_policy)),
        application=_application(profile, content.application),
        registry=_registry(profile, content.registry) if is_registry else None,
        dm_client=_dm_client(profile, content.dm_client),
        app_management=content.app_management if profile.reads_app_management else None,
    )


def _certificates(
    profile: DeviceProfile, certificates: CertificateStore, *, is_device: bool
) -> CertificateStore:
    return replace(
        certificates,
        client_store=profile.device_client_store if is_device else profile.client_store,
        intermediate_store=profile.intermediate_store,
        key_container=tuple(
            Parm(name=name, value=value, datatype=datatype or None)
            for name, value, datatype in profile.key_container
        ),
        is_key_container_inside=profile.is_key_container_inside,
    )


def _renew(profile: DeviceProfile, renew: Renew | None, auth_policy: str) -> Renew | None:
    """Where a device renews in silence only, saying otherwise would be ignored (section 10)."""
    if renew is None or not profile.reads_renew_branch:
        return None
    ways = profile.renewal_ways(auth_policy)
    is_silent_only = RenewalWay.ROBO in ways and RenewalWay.MANUAL not in ways
    return replace(renew, robo_support=renew.robo_support or is_silent_only)


def _application(profile: DeviceProfile, application: Application) -> Application:
    parms = application.parms
    known = profile.application_names
    role = dict(profile.application_parms).get("ROLE")
    return replace(
        application,
        parms=replace(
            parms,
            role=int(role) if parms.role is None and role else parms.role,
            ssp_hyperlink=parms.ssp_hyperlink if "SSPHyperlink" in known else "",
            server_list=parms.server_list if "ServerList" in known else "",
            crl_check=parms.crl_check if "CRLCheck" in known else None,
        ),
    )


def _registry(profile: DeviceProfile, registry: Registry | None) -> Registry | None:
    if registry is None:
        return None
    return replace(registry, renewal_key=profile.renewal_key, retry_key=profile.retry_key)


def _dm_client(profile: DeviceProfile, branch: DmClientBranch | None) -> DmClientBranch | None:
    if branch is None:
        return None
    is_poll = profile.poll_schemes[0] is PollScheme.DM_CLIENT
    addresses = branch.management_server_address_list if profile.reads_address_list else ()
    return replace(
        branch,
        upn=branch.upn if profile.reads_upn else "",
        management_server_address_list=addresses,
        requires_message_signing=branch.requires_message_signing and profile.signs_messages,
        poll=_poll(profile, branch.poll) if is_poll else None,
    )


def _poll(profile: DeviceProfile, poll: Poll | None) -> Poll | None:
    if poll is None or profile.reads_poll_on_login:
        return poll
    return replace(poll, poll_on_login=None, all_users_poll_on_first_login=None)
