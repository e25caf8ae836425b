"""The ``mdm_*`` options: how they are declared, read, and turned into the server's settings.

They are declared once for all our addons. Values that cannot be used raise ConfigError with one
line; files are read here, because this is the edge (design section 5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mdmcore.errors import ConfigError
from mdmcore.mitm.hub_file import load_hub
from mdmcore.records import AuthScheme
from mdmcore.server.settings import ConfiguredAccount, ServerSettings

DEFAULT_DOMAIN = "example.test"
"""A name that cannot exist outside (RFC 6761), so that nobody's real host is ever answered for."""

PROFILES = ("auto", "wp8", "wp81", "win81", "win10")

_HOST = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_ACCOUNT = re.compile(
    r"(?P<name>[^:]+):(?P<secret>.*?):(?P<scheme>basic|md5)(?::(?P<device>.+))?", re.DOTALL
)


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
        "Folder for the state of the emulated server; empty: the user's data folder.",
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
        "mdm_client_tls",
        bool,
        False,
        "Ask for a client certificate on the mdm. hosts and let devices renew there; first "
        "enrolments then stay on the enterpriseenrollment. hosts.",
        None,
    ),
    ("mdm_record", str, "", "File to which flows are written with their annotations.", None),
)

OPTION_NAMES = frozenset(row[0] for row in _OPTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class MdmOptions:
    """The options' values as they were given, comparable, nothing opened yet."""

    domains: tuple[str, ...] = (DEFAULT_DOMAIN,)
    users: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    state: str = ""
    hub: str = ""
    aetx: str = ""
    profile: str = "auto"
    advertise: str = ""
    client_tls: bool = False
    record: str = ""


def declare_options(loader: OptionLoader) -> None:
    """Add all ``mdm_*`` options to mitmproxy."""
    for name, typespec, default, text, choices in _OPTIONS:
        loader.add_option(name, typespec, default, text, choices)


def read_options(options: object) -> MdmOptions:
    """The values that mitmproxy holds now."""
    values: dict[str, object] = {}
    for name in OPTION_NAMES:
        value = getattr(options, name)
        key = name.removeprefix("mdm_")
        is_one = isinstance(value, str | bool)
        values[key] = value if is_one else tuple(str(part) for part in value)
    return MdmOptions(**values)  # type: ignore[arg-type]


def server_settings(options: MdmOptions) -> ServerSettings:
    """Settings of the emulated server. Raises ConfigError naming the option and what is wrong."""
    if not options.domains:
        raise ConfigError("mdm_domains is empty: name the domain to answer for")
    if bool(options.hub) != bool(options.aetx):
        given, missing = ("mdm_hub", "mdm_aetx") if options.hub else ("mdm_aetx", "mdm_hub")
        raise ConfigError(f"{given} needs {missing}: a Company Hub is a package and its .aetx")
    hub = None
    if options.hub:
        hub = load_hub(Path(options.hub).expanduser(), Path(options.aetx).expanduser())
    return ServerSettings(
        domains=tuple(_domain(text) for text in options.domains),
        users=parse_users(options.users),
        accounts=tuple(parse_account(text) for text in options.accounts),
        hub=hub,
        profile="wp8" if options.profile == "auto" else options.profile,
        client_tls=options.client_tls,
    )


def parse_users(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """``NAME:PASSWORD`` each; the password may contain colons. Raises ConfigError."""
    users = []
    for text in texts:
        name, colon, password = text.partition(":")
        if not name or not colon:
            raise ConfigError("a user is NAME:PASSWORD, and one was given without name or colon")
        users.append((name, password))
    return tuple(users)


def parse_account(text: str) -> ConfiguredAccount:
    """``NAME:SECRET:basic|md5[:DEVID]``; secret and device id may contain colons."""
    match = _ACCOUNT.fullmatch(text)
    if match is None:
        # The text is not repeated: it holds a secret.
        raise ConfigError("an account is NAME:SECRET:basic or NAME:SECRET:md5, then :DEVID if any")
    return ConfiguredAccount(
        name=match["name"],
        secret=match["secret"],
        scheme=AuthScheme(match["scheme"]),
        device_id=match["device"],
    )


def _domain(text: str) -> str:
    domain = text.strip().lower().rstrip(".")
    if len(domain) > 220 or not _HOST.fullmatch(domain):
        raise ConfigError(f"{text!r} is no domain name: write it like {DEFAULT_DOMAIN}")
    return domain
