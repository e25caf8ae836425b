"""From the configuration to the server's settings, everything checked that can be before a device.

A problem is named by the key's path in the file, ``$.certificate.subject``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from msgspec.structs import asdict

from mdmcore.enrollment.provisioning import Characteristic, Parm
from mdmcore.enrollment.provisioning_checks import (
    ProvisioningError,
    check_application_parms,
    check_dm_client,
    check_poll,
    check_provider_id,
    check_renew,
    check_retries,
)
from mdmcore.enrollment.provisioning_extra import parse_extra
from mdmcore.enrollment.provisioning_model import (
    ApplicationParms,
    DmClientBranch,
    Poll,
    Renew,
    Schedule,
)
from mdmcore.errors import ConfigError, MdmError
from mdmcore.mitm.configuration.jobs import wanted_jobs
from mdmcore.mitm.configuration.schema import (
    ApplicationTable,
    Certificate,
    Configuration,
    HubTable,
    LimitsTable,
    PollTable,
    ProvisioningTable,
    RenewalTable,
    RetriesTable,
    Server,
)
from mdmcore.mitm.hub_file import load_hub
from mdmcore.pki.subject import parse_subject_template
from mdmcore.records import AuthScheme
from mdmcore.server.certificate_policy import HASH_OIDS
from mdmcore.server.limits import Limits
from mdmcore.server.provisioning import check_documents, check_name_template
from mdmcore.server.settings import (
    ConfiguredAccount,
    Hub,
    ProvisioningSettings,
    ServerSettings,
)

DEFAULT_DOMAIN = "example.test"
"""A name that cannot exist outside (RFC 6761), so that nobody's real host is ever answered for."""
MAX_BACKDATE = timedelta(days=1)

_HOST = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_OID = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]{0,38})){1,30}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ufffe\uffff]")
_VERSION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,3}")


def settings_of(configuration: Configuration, *, source: str = "") -> ServerSettings:
    """The settings. ConfigError with the key's path, and before it ``source``, the file's name."""
    try:
        settings = _settings(configuration)
        check_settings(settings)
    except ConfigError as error:
        raise ConfigError(f"{source}: {error}" if source else str(error)) from None
    return settings


def check_settings(settings: ServerSettings) -> None:
    """What must fit together; raises ConfigError with the path of one of the keys."""
    with _at("$.certificate.backdate_minutes"):
        if settings.certificate_backdate > MAX_BACKDATE:
            raise ConfigError(
                "certificates would begin more than a day before they are issued; minutes or "
                "hours bridge wrong clocks, a renewal period is no reason"
            )
    with _at("$.certificate.lifetime_days"):
        days, period = settings.certificate_lifetime.days, settings.renewal_period_days
        if days <= period:
            raise ConfigError(
                f"{days} days are not more than provisioning.renewal.renew_period ({period}): "
                "each certificate would be renewed at once"
            )
    with _at("$.policy.minimal_key_length"):
        if settings.minimal_key_length not in settings.key_lengths:
            listed = ", ".join(map(str, settings.key_lengths)) or "empty"
            raise ConfigError(
                f"{settings.minimal_key_length} is not one of certificate.key_lengths ({listed})"
            )
    with _at("$.provisioning"):
        check_documents(settings)


def domain_name(text: str) -> str:
    """A domain in lower case; ConfigError when it is none."""
    domain = text.strip().lower().rstrip(".")
    if len(domain) > 220 or not _HOST.fullmatch(domain):
        raise ConfigError(f"{text!r} is no domain name: write it like {DEFAULT_DOMAIN}")
    return domain


def hash_oid(text: str) -> str:
    """The OID of ``sha1``, ``sha256`` or of an OID; ConfigError for anything else."""
    oid = HASH_OIDS.get(text.strip().lower(), text.strip())
    if not _OID.fullmatch(oid):
        raise ConfigError(f"{text[:80]!r} is neither {' nor '.join(HASH_OIDS)} nor a dotted OID")
    return oid


def _settings(configuration: Configuration) -> ServerSettings:
    server, certificate = configuration.server, configuration.certificate
    with _at("$.server.domains"):
        if not server.domains:
            raise ConfigError("name the domain to answer for")
        domains = tuple(map(domain_name, server.domains))
    with _at("$.server"):
        check_provider_id(server.provider_id)
    _one_line("$.server.name", server.name)
    _one_line("$.hub.name", configuration.hub.name)
    with _at("$.server.auth_policies"):
        if not server.auth_policies or len(set(server.auth_policies)) < len(server.auth_policies):
            raise ConfigError("name OnPremise, Federated or both, each once")
    with _at("$.policy.hash"):
        oid = hash_oid(configuration.policy.hash)
    with _at("$.certificate.subject"):
        subject = parse_subject_template(certificate.subject)
    settings = ServerSettings(
        domains=domains,
        users=tuple((user.name, user.password) for user in server.users),
        accounts=_accounts(server),
        hub=_hub(configuration.hub),
        profile="wp8" if server.profile == "auto" else server.profile,
        auth_policies=server.auth_policies,
        provider_id=server.provider_id,
        server_name=server.name,
        accepts_jwt=server.jwt,
        token_lifetime=timedelta(minutes=server.token_lifetime_minutes),
        client_tls=server.client_tls,
        require_client_tls=server.require_client_tls,
        accept_client_tls=server.accept_client_tls,
        require_message_signing=server.require_message_signing,
        minimal_key_length=configuration.policy.minimal_key_length,
        key_lengths=certificate.key_lengths,
        hash_oid=oid,
        appsrv_scheme=AuthScheme(configuration.provisioning.application.device_auth),
        subject=subject,
        certificate_lifetime=timedelta(days=certificate.lifetime_days),
        certificate_backdate=_backdate(certificate),
        limits=_limits(configuration.limits),
        provisioning=_provisioning(configuration.provisioning),
    )
    return replace(settings, jobs=wanted_jobs(configuration.jobs, settings.facts(domains[0])))


def _backdate(certificate: Certificate) -> timedelta:
    with _at("$.certificate.backdate_minutes"):
        try:
            return timedelta(minutes=certificate.backdate_minutes)
        except OverflowError:
            raise ConfigError("no certificate begins that early") from None


def _accounts(server: Server) -> tuple[ConfiguredAccount, ...]:
    return tuple(
        ConfiguredAccount(
            name=account.name,
            secret=account.secret,
            scheme=AuthScheme(account.scheme),
            device_id=account.device_id or None,
        )
        for account in server.accounts
    )


def _limits(table: LimitsTable) -> Limits:
    for key in ("lowest_application_version", "highest_application_version"):
        text = getattr(table, key)
        if text and not _VERSION.fullmatch(text):
            raise ConfigError(f"$.limits.{key}: no version, write it like 8.10.12397")
    return Limits(
        device_cap=table.device_cap or None,
        lowest_application_version=table.lowest_application_version,
        highest_application_version=table.highest_application_version,
        maintenance=table.maintenance,
    )


def _hub(table: HubTable) -> Hub | None:
    if bool(table.package) != bool(table.aetx):
        given, missing = ("package", "aetx") if table.package else ("aetx", "package")
        raise ConfigError(
            f"$.hub.{given}: needs {missing}: a Company Hub is a package and its .aetx"
        )
    if not table.package:
        return None
    with _at("$.hub"):
        hub = load_hub(Path(table.package).expanduser(), Path(table.aetx).expanduser())
    return replace(hub, name=table.name, crl_check=table.crl_check)


def _provisioning(table: ProvisioningTable) -> ProvisioningSettings:
    dmclient = table.dmclient
    extra: list[Characteristic] = []
    for number, text in enumerate(table.extra):
        with _at(f"$.provisioning.extra[{number}]"):
            extra.extend(parse_extra(text))
    for key in ("device_name", "upn"):
        _one_line(f"$.provisioning.dmclient.{key}", getattr(dmclient, key))
        with _at(f"$.provisioning.dmclient.{key}"):
            check_name_template(getattr(dmclient, key))
    parms = tuple(
        Parm(name=parm.name, value=parm.value, datatype=parm.datatype or None)
        for parm in dmclient.parms
    )
    addresses = dmclient.management_server_address_list
    with _at("$.provisioning.dmclient"):
        check_dm_client(
            DmClientBranch(management_server_address_list=addresses, parms=parms, poll=None)
        )
    return ProvisioningSettings(
        application=_application(table.application),
        retries=_retries(table.retries),
        poll=_poll(table.poll),
        renewal=_renewal(table.renewal),
        device_name=dmclient.device_name,
        upn=dmclient.upn,
        management_server_address_list=addresses,
        dm_client_parms=parms,
        extra=tuple(extra),
    )


def _application(table: ApplicationTable) -> ApplicationParms:
    values = asdict(table)
    values.pop("device_auth")
    parms = ApplicationParms(**(values | {"role": table.role or None}))
    with _at("$.provisioning.application"):
        check_application_parms(parms)
    return parms


def _retries(table: RetriesTable) -> Schedule:
    retries = Schedule(**asdict(table))
    with _at("$.provisioning.retries"):
        check_retries(retries)
    return retries


def _poll(table: PollTable) -> Poll:
    values = asdict(table)
    flags = {key: values.pop(key) for key in ("poll_on_login", "all_users_poll_on_first_login")}
    poll = Poll(schedule=Schedule(**values), **flags)
    with _at("$.provisioning.poll"):
        check_poll(poll)
    return poll


def _renewal(table: RenewalTable) -> Renew:
    renew = Renew(**asdict(table))
    with _at("$.provisioning.renewal"):
        check_renew(renew)
    return renew


def _one_line(place: str, text: str) -> None:
    if _CONTROL.search(text):
        raise ConfigError(f"{place}: holds a control character")


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Put the place before what is wrong there."""
    try:
        yield
    except ProvisioningError as error:
        raise ConfigError(f"{place}.{error.field}: {error}") from None
    except MdmError as error:
        raise ConfigError(f"{place}: {error}") from None
