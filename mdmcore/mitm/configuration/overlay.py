"""The options laid over the configuration file: what was given on the command line wins."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from mdmcore.errors import ConfigError
from mdmcore.mitm.configuration.reading import read_configuration
from mdmcore.mitm.configuration.schema import (
    AuthorityTable,
    Certificate,
    Configuration,
    DmAccount,
    FaultTable,
    HubTable,
    Policy,
    Server,
    User,
)
from mdmcore.mitm.configuration.settings import domain_name, hash_oid, settings_of
from mdmcore.mitm.options import MdmOptions
from mdmcore.pki.subject import parse_subject_template
from mdmcore.profiles import FEDERATED, ON_PREMISE
from mdmcore.server.faults import parse_fault
from mdmcore.server.settings import ServerSettings

_ACCOUNT = re.compile(
    r"(?P<name>[^:]+):(?P<secret>.*?):(?P<scheme>basic|md5)(?::(?P<device>.+))?", re.DOTALL
)
_AUTH_POLICIES = {name.lower(): name for name in (ON_PREMISE, FEDERATED)}


def configuration_of(options: MdmOptions) -> Configuration:
    """The file, if one is named, with the options that were given. Raises ConfigError."""
    path = options.config
    read = read_configuration(Path(path).expanduser()) if path else Configuration()
    return replace(
        read,
        server=_server(read.server, options),
        authority=_authority(read.authority, options),
        policy=_policy(read.policy, options),
        certificate=_certificate(read.certificate, options),
        hub=_hub(read.hub, options),
        faults=_faults(read.faults, options),
    )


def _faults(faults: tuple[FaultTable, ...], options: MdmOptions) -> tuple[FaultTable, ...]:
    """Those of the file, or those given as options."""
    if options.faults is None:
        return faults
    found = []
    for text in options.faults:
        for one in filter(None, (part.strip() for part in text.split(","))):
            active = parse_fault(one)
            found.append(FaultTable(id=active.id, step=active.step or "", times=active.times or 0))
    return tuple(found)


def server_settings(options: MdmOptions) -> ServerSettings:
    """Settings of the emulated server. Raises ConfigError naming option or key."""
    return settings_of(configuration_of(options), source=options.config or "")


def parse_users(texts: Iterable[str]) -> tuple[User, ...]:
    """``NAME:PASSWORD`` each; the password may contain colons. Raises ConfigError."""
    users = []
    for text in texts:
        name, colon, password = text.partition(":")
        if not name or not colon:
            raise ConfigError("a user is NAME:PASSWORD, and one was given without name or colon")
        users.append(User(name=name, password=password))
    return tuple(users)


def parse_account(text: str) -> DmAccount:
    """``NAME:SECRET:basic|md5[:DEVID]``; secret and device id may contain colons."""
    match = _ACCOUNT.fullmatch(text)
    if match is None:
        # The text is not repeated: it holds a secret.
        raise ConfigError("an account is NAME:SECRET:basic or NAME:SECRET:md5, then :DEVID if any")
    return DmAccount(
        name=match["name"],
        secret=match["secret"],
        scheme="md5" if match["scheme"] == "md5" else "basic",
        device_id=match["device"] or "",
    )


def _server(server: Server, options: MdmOptions) -> Server:
    if options.domains is not None:
        if not options.domains:
            raise ConfigError("mdm_domains is empty: name the domain to answer for")
        server = replace(server, domains=tuple(map(domain_name, options.domains)))
    if options.users is not None:
        server = replace(server, users=parse_users(options.users))
    if options.accounts is not None:
        server = replace(server, accounts=tuple(map(parse_account, options.accounts)))
    if options.auth_policies is not None:
        server = replace(server, auth_policies=_auth_policies(options.auth_policies))
    return _given(
        server, state=options.state, profile=options.profile, client_tls=options.client_tls
    )


def _auth_policies(texts: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(_AUTH_POLICIES.get(text.strip().lower(), "") for text in texts)
    if not all(found) or not found or len(set(found)) < len(found):
        raise ConfigError(f"mdm_auth_policies: name {' or '.join(_AUTH_POLICIES.values())}, once")
    return found


def _authority(authority: AuthorityTable, options: MdmOptions) -> AuthorityTable:
    if options.ca is not None:
        # The password in the file is that of the file's CA.
        authority = AuthorityTable(ca=options.ca)
    if options.ca_password_file is not None:
        authority = replace(authority, password_env="")
    return _given(authority, password_file=options.ca_password_file)


def _policy(policy: Policy, options: MdmOptions) -> Policy:
    if options.hash is not None:
        try:
            hash_oid(options.hash)
        except ConfigError as error:
            raise ConfigError(f"mdm_hash: {error}") from None
    return _given(policy, minimal_key_length=options.key_length, hash=options.hash)


def _certificate(certificate: Certificate, options: MdmOptions) -> Certificate:
    if options.subject is not None:
        try:
            parse_subject_template(options.subject)
        except ConfigError as error:
            raise ConfigError(f"mdm_subject: {error}") from None
    return _given(certificate, subject=options.subject)


def _hub(hub: HubTable, options: MdmOptions) -> HubTable:
    hub = _given(hub, package=options.hub, aetx=options.aetx)
    is_given = options.hub is not None or options.aetx is not None
    if is_given and bool(hub.package) != bool(hub.aetx):
        given, missing = ("mdm_hub", "mdm_aetx") if hub.package else ("mdm_aetx", "mdm_hub")
        raise ConfigError(f"{given} needs {missing}: a Company Hub is a package and its .aetx")
    return hub


def _given[T: Struct](table: T, **values: object) -> T:
    """The table with those of the values that are not ``None``."""
    return replace(table, **{key: value for key, value in values.items() if value is not None})
