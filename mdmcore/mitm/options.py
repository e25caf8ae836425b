"""The ``mdm_*`` options: how they are declared and read.

They are declared once for all our addons. What the emulated server makes of them, together with a
configuration file, stands in ``configuration.overlay``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mitmproxy import optmanager

from mdmcore.mitm.configuration.settings import DEFAULT_DOMAIN
from mdmcore.pki.subject import DEFAULT_SUBJECT
from mdmcore.profiles import FEDERATED, ON_PREMISE

PROFILES = ("auto", "wp8", "wp81", "win81", "win10")


class OptionLoader(Protocol):
    """The part of mitmproxy's Loader that is used here."""

    def add_option(
        self,
        name: str,
        typespec: type,
        default: object,
        help: str,
        choices: Sequence[str] | None = None,
    ) -> None:
        """Declare an option."""


_OPTIONS: tuple[tuple[str, type, object, str, tuple[str, ...] | None], ...] = (
    (
        "mdm_domains",
        Sequence[str],
        [DEFAULT_DOMAIN],
        "Domains the emulated MDM server answers for, each also with mdm. and "
        "enterpriseenrollment. before it; they need not exist in DNS.",
        None,
    ),
    (
        "mdm_users",
        Sequence[str],
        [],
        "NAME:PASSWORD of users who may enrol; none given: any name and password.",
        None,
    ),
    (
        "mdm_accounts",
        Sequence[str],
        [],
        "NAME:SECRET:basic or NAME:SECRET:md5, with :DEVID for one device only; DM accounts of "
        "devices that enrolled elsewhere.",
        None,
    ),
    (
        "mdm_state",
        str,
        "",
        "Folder for the state of the emulated server and for marks; empty: the user's data folder.",
        None,
    ),
    ("mdm_hub", str, "", "Company Hub package to offer (.xap, .appx); needs mdm_aetx.", None),
    (
        "mdm_aetx",
        str,
        "",
        "Enterprise token file (.aetx): goes with mdm_hub; tokens handed out are compared with it.",
        None,
    ),
    (
        "mdm_profile",
        str,
        "auto",
        "Kind of device; auto: found from the traffic when inspecting, wp8 when emulating.",
        PROFILES,
    ),
    (
        "mdm_advertise",
        str,
        "",
        "Address that the emulated hosts have for devices whose DNS server is this mitmproxy; "
        "empty: the address it listens on, or that of the interface which leads outside.",
        None,
    ),
    (
        "mdm_pass_client_tls",
        Sequence[str],
        [],
        "Hosts (mdm.acme.test, *.acme.test) whose TLS passes untouched from device to server; the "
        "connections are still listed with what their handshakes show.",
        None,
    ),
    (
        "mdm_forward_client_cert",
        str,
        "",
        "Header by which the server behind a reverse proxy, and mdm_names, learn the certificate "
        "that the device shows; NAME, or NAME=pem, der, xfcc, rfc9440.",
        None,
    ),
    (
        "mdm_names",
        Sequence[str],
        [],
        "Hosts of the real server (mdm.acme.test, *.acme.test): they resolve to us for devices "
        "whose DNS server is this mitmproxy.",
        None,
    ),
    (
        "mdm_client_tls",
        bool,
        False,
        "Ask for a client certificate on the mdm. hosts and let devices renew there; first "
        "enrolments then stay on the enterpriseenrollment. hosts.",
        None,
    ),
    (
        "mdm_record",
        str,
        "",
        "File to which flows are written with their annotations, behind those that are in it.",
        None,
    ),
    (
        "mdm_config",
        str,
        "",
        "Configuration file (TOML) of the emulated server; options that are given win over it.",
        None,
    ),
    (
        "mdm_auth_policies",
        Sequence[str],
        [ON_PREMISE, FEDERATED],
        "Ways of proving the user, OnPremise or Federated, the preferred one first.",
        None,
    ),
    ("mdm_key_length", int, 2048, "Bits of the RSA key that GetPolicies asks for.", None),
    (
        "mdm_hash",
        str,
        "sha1",
        "Digest that GetPolicies asks for: sha1, sha256 or an OID.",
        None,
    ),
    (
        "mdm_ca",
        Sequence[str],
        [],
        "Your own CA: PEM with its key, certificate and chain, or one PFX; none: made here.",
        None,
    ),
    ("mdm_ca_password_file", str, "", "File with the password of mdm_ca.", None),
    (
        "mdm_faults",
        Sequence[str],
        [],
        "Mistakes to make on purpose: ids of rules, each with @STEP or *TIMES behind it if wanted.",
        None,
    ),
    (
        "mdm_disable",
        Sequence[str],
        [],
        "Rules that are to stay silent: ids or aliases.",
        None,
    ),
    (
        "mdm_severity",
        Sequence[str],
        [],
        "RULE=LEVEL for rules that are to be taken as error, warning, info or none.",
        None,
    ),
    (
        "mdm_secrets",
        str,
        "",
        "File (TOML) with secrets and nonces of DM accounts whose enrolment the inspector does not "
        "see.",
        None,
    ),
    (
        "mdm_subject",
        str,
        DEFAULT_SUBJECT,
        "Subject of device certificates, with {guid}, {serial}, {username} or {device_type}.",
        None,
    ),
)

OPTION_NAMES = frozenset(row[0] for row in _OPTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class MdmOptions:
    """The options' values, comparable, nothing opened yet; ``None``: not given."""

    domains: tuple[str, ...] | None = None
    users: tuple[str, ...] | None = None
    accounts: tuple[str, ...] | None = None
    state: str | None = None
    hub: str | None = None
    aetx: str | None = None
    profile: str | None = None
    advertise: str | None = None
    client_tls: bool | None = None
    pass_client_tls: tuple[str, ...] | None = None
    forward_client_cert: str | None = None
    names: tuple[str, ...] | None = None
    record: str | None = None
    config: str | None = None
    auth_policies: tuple[str, ...] | None = None
    key_length: int | None = None
    hash: str | None = None
    ca: tuple[str, ...] | None = None
    ca_password_file: str | None = None
    subject: str | None = None
    faults: tuple[str, ...] | None = None
    disable: tuple[str, ...] | None = None
    severity: tuple[str, ...] | None = None
    secrets: str | None = None


def declare_options(loader: OptionLoader) -> None:
    """Add all ``mdm_*`` options to mitmproxy."""
    for name, typespec, default, text, choices in _OPTIONS:
        loader.add_option(name, typespec, default, text, choices)


def read_options(options: Any) -> MdmOptions:
    """The values that mitmproxy holds now, those that somebody set."""
    # Only the raw value tells a default from the same value given by the user.
    raw = options._options
    given = [name for name in OPTION_NAMES if raw[name].value is not optmanager.unset]
    return options_from({name: getattr(options, name) for name in given})


def options_from(values: Mapping[str, Any]) -> MdmOptions:
    """The options of these names, ``mdm_`` before each."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        is_single = isinstance(value, str | int)
        found[name.removeprefix("mdm_")] = value if is_single else tuple(map(str, value))
    return MdmOptions(**found)
