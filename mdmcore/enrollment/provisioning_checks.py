"""Which values a provisioning document may hold: ranges and rules of enrollment.md 9.3 and 9.5.

They stop the person who sets up a server from handing out what no device can use. A problem names
the attribute of the model, so that whoever read a file can say where in it the value stands.
Judging the documents of others is the business of ``mdmcore.rules``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import NoReturn
from urllib.parse import urlsplit

from mdmcore.enrollment.aetx import enterprise_number
from mdmcore.enrollment.provisioning_model import (
    APPLICATION_NUMBERS,
    POLL_NAMES,
    REGISTRY_NAMES,
    Application,
    ApplicationParms,
    DmClientBranch,
    Poll,
    Provisioning,
    Registry,
    Renew,
    Schedule,
)
from mdmcore.enrollment.provisioning_view import REQUIRE_MESSAGE_SIGNING, AppManagement
from mdmcore.errors import ConfigError, ProtocolError
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPE, SYNCML_XML_MEDIA_TYPE

MAX_RENEWAL_DAYS = 1000
_MAX_INT = 0x7FFF_FFFF
_MAX_ROLE = 0xFFFF_FFFF
_SETS = ("first", "second", "remaining")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DATATYPES = frozenset(
    {"integer", "boolean", "string", "float", "date", "time", "binary", "multiplestring"}
)


class ProvisioningError(ConfigError):
    """A value that no device can use; ``field`` is the attribute of the model that holds it."""

    def __init__(self, message: str, *, field: str) -> None:
        self.field = field
        super().__init__(message)


def check_provisioning(content: Provisioning) -> None:
    """All of the checks below; raises ProvisioningError."""
    check_application(content.application)
    if content.certificates.renew is not None:
        check_renew(content.certificates.renew)
    if content.registry is not None:
        check_registry(content.registry)
    if content.dm_client is not None:
        check_dm_client(content.dm_client)
    if content.app_management is not None:
        check_app_management(content.app_management)


def check_application(application: Application) -> None:
    """PROVIDER-ID, ADDR, both credentials and the free parms (9.3)."""
    check_provider_id(application.provider_id)
    check_url(application.addr, field="addr", name="ADDR")
    if not application.server_credential.secret or not application.server_credential.nonce:
        _fail("server_credential", "no server secret or no nonce for the APPAUTH CLIENT")
    device = application.device_credential
    if not device.name or not device.secret:
        _fail("device_credential", "no name or no secret for the APPAUTH APPSRV")
    if device.scheme == "md5" and not device.nonce:
        _fail("device_credential", "no nonce for the APPAUTH APPSRV")
    check_application_parms(application.parms)


def check_provider_id(text: str) -> None:
    """The server's name in digests and LocURIs."""
    if not text.strip() or text != text.strip() or _CONTROL.search(text):
        _fail("provider_id", "PROVIDER-ID must be a text without blanks at its ends")


def check_application_parms(parms: ApplicationParms) -> None:
    """Numbers, encoding and version of the protocol, URLs."""
    for attribute, name in APPLICATION_NUMBERS:
        value = getattr(parms, attribute)
        if value is not None:
            _in_range(value, 0, _MAX_INT, field=attribute, name=name)
    first, last = parms.initial_backoff_time, parms.max_backoff_time
    if first is not None and last is not None and last < first:
        _fail("max_backoff_time", "MAXBACKOFFTIME is below INITIALBACKOFFTIME")
    encodings = (SYNCML_XML_MEDIA_TYPE, SYNCML_WBXML_MEDIA_TYPE)
    _one_of(parms.default_encoding, encodings, field="default_encoding", name="DEFAULTENCODING")
    _one_of(parms.proto_ver, ("", "1.1", "1.2"), field="proto_ver", name="PROTOVER")
    if parms.role is not None:
        _in_range(parms.role, 1, _MAX_ROLE, field="role", name="ROLE")
    if parms.server_list:
        check_url(parms.server_list, field="server_list", name="ServerList")


def check_url(text: str, *, field: str, name: str) -> None:
    """An https URL with a DNS name: a device takes no bare address (enrollment.md section 2)."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError as error:
        _fail(field, f"{name} is no URL: {error}")
    if parts.scheme.lower() != "https" or not host or parts.username is not None:
        _fail(field, f"{name} must be an https URL, not {text[:80]!r}")
    if _is_address(host):
        _fail(field, f"{name} must name its host, a device does not take the address {host}")
    if len(host) > 253 or not all(map(_LABEL.fullmatch, host.rstrip(".").split("."))):
        _fail(field, f"{name} has no DNS name as its host: {host[:80]!r}")


def check_renew(renew: Renew) -> None:
    """Both periods 1 to 1000 days, the interval not above the period (C-Cert)."""
    names = (("renew_period", "RenewPeriod"), ("retry_interval", "RetryInterval"))
    for attribute, name in names:
        _in_range(getattr(renew, attribute), 1, MAX_RENEWAL_DAYS, field=attribute, name=name)
    if renew.retry_interval > renew.renew_period:
        _fail(
            "retry_interval",
            f"RetryInterval {renew.retry_interval} is above RenewPeriod {renew.renew_period}",
        )
    if renew.server_url:
        check_url(renew.server_url, field="server_url", name="ServerURL")


def check_registry(registry: Registry) -> None:
    """RenewalPeriod as RenewPeriod, and the schedule."""
    if registry.renewal_period is not None:
        period = registry.renewal_period
        _in_range(period, 1, MAX_RENEWAL_DAYS, field="renewal_period", name="RenewalPeriod")
    if registry.retries is not None:
        check_retries(registry.retries)


def check_retries(retries: Schedule) -> None:
    """The schedule of the Registry branch."""
    _check_schedule(retries, dict(REGISTRY_NAMES))


def check_poll(poll: Poll) -> None:
    """The schedule of the DMClient's Poll branch."""
    _check_schedule(poll.schedule, dict(POLL_NAMES))


def check_dm_client(branch: DmClientBranch) -> None:
    """The schedule, the server's addresses, and the types of the further parms."""
    if branch.poll is not None:
        check_poll(branch.poll)
    for address in branch.management_server_address_list:
        check_url(
            address, field="management_server_address_list", name="ManagementServerAddressList"
        )
        if "<" in address or ">" in address:
            _fail("management_server_address_list", "an address with < or > cannot stand in a list")
    for parm in branch.parms:
        if not parm.name.strip():
            _fail("parms", "a parm below DMClient has no name")
        check_datatype(parm.datatype, field="parms")
        if branch.requires_message_signing and parm.name == REQUIRE_MESSAGE_SIGNING:
            _fail("parms", f"{parm.name} stands in the document already")


def check_app_management(hub: AppManagement) -> None:
    """The token of an .aetx, for an enterprise's number (9.7)."""
    if not hub.enrollment_token:
        _fail("enrollment_token", "a hub needs the EnrollmentToken of an .aetx")
    try:
        enterprise_number(hub.enterprise_id)
    except ProtocolError as error:
        _fail("enterprise_id", str(error))


def check_datatype(datatype: str | None, *, field: str) -> None:
    """A datatype that OMA client provisioning knows, or none."""
    if datatype is not None and datatype not in _DATATYPES:
        known = ", ".join(sorted(_DATATYPES))
        _fail(field, f"no datatype {datatype!r}; there is: {known}")


def _check_schedule(schedule: Schedule, names: Mapping[str, str]) -> None:
    """The rules of 9.5: a first contact happens, sets end, at most the last goes on for ever."""
    for attribute, name in names.items():
        _in_range(getattr(schedule, attribute), 0, _MAX_INT, field=attribute, name=name)
    counts = [getattr(schedule, f"{each}_retries") for each in _SETS]
    intervals = [getattr(schedule, f"{each}_interval") for each in _SETS]
    if not any(counts):
        what = "all three counts" if any(intervals) else "all six values"
        _fail("first_retries", f"{what} of the schedule are 0, enrolment may fail")
    for attribute in ("first_retries", "first_interval"):
        if not getattr(schedule, attribute):
            _fail(attribute, f"{names[attribute]} is 0: no first contact comes")
    for each, count, interval in zip(_SETS, counts, intervals, strict=True):
        if count and not interval:
            field = f"{each}_interval"
            _fail(field, f"{names[field]} is 0, but {names[f'{each}_retries']} is {count}")
    is_second_endless = not counts[1] and intervals[1] > 0
    if is_second_endless and (counts[2] or intervals[2]):
        _fail(
            "second_retries",
            f"{names['second_retries']} 0 never ends, so {names['remaining_interval']} "
            "never counts",
        )


def _in_range(value: int, low: int, high: int, *, field: str, name: str) -> None:
    if not low <= value <= high:
        _fail(field, f"{name} must be {low} to {high}, not {value}")


def _one_of(value: str, known: tuple[str, ...], *, field: str, name: str) -> None:
    if value not in known:
        _fail(field, f"{name} must be {' or '.join(filter(None, known))}, not {value[:80]!r}")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        # Windows also takes 127.1 and 2130706433 for addresses.
        return all(part.isdigit() for part in host.rstrip(".").split("."))
    return True


def _fail(field: str, message: str) -> NoReturn:
    raise ProvisioningError(message, field=field)
