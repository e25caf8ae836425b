"""Recipes for e-mail accounts (session.md 7: ActiveSync, EMAIL2 [U]).

An account is a node that is called by a GUID. A GUID that ActiveSync had before deletes the old
account and makes none, so each new account gets a fresh one.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import COMMAND, USER_SCOPE, Kind, Parameter, Recipe, in_profiles
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand

# ActiveSync CSP: Options/ContentTypes.
_CONTENTS = {
    "email": ("{C6D47067-6E92-480E-B0FC-4BA82182FAC7}", "Email"),
    "contacts": ("{0DD8685C-E272-4FCB-9ECF-2EAD7EA2497B}", "Contacts"),
    "calendar": ("{4A5D9FE0-F139-4A63-A5A4-4F31CEEA02AD}", "Calendar"),
    "tasks": ("{783AE4F6-4C12-4423-8270-66361260D4F1}", "Tasks"),
}
_EXCHANGE = {
    "name": "AccountName",
    "address": "EmailAddress",
    "server": "ServerName",
    "domain": "Domain",
    "user": "UserName",
    "password": "Password",
}
_EMAIL = {
    "service": "SERVICENAME",
    "name": "NAME",
    "address": "REPLYADDR",
    "incoming": "INSERVER",
    "outgoing": "OUTSERVER",
    "domain": "DOMAIN",
    "user": "AUTHNAME",
    "password": "AUTHSECRET",
}
_PROTOCOLS = {"pop3": "POP3", "imap4": "IMAP4"}
_DAYS = {"7": "7", "14": "14", "30": "30", "all": "-1"}
_INCOMING_SSL, _OUTGOING_SSL = "8128000B", "812C000B"


def _account(values: Values, draft: Draft) -> str:
    from mdmcore.csp.recipes.draft import braced

    if "account" in values:
        return braced(values.text("account"))
    if values.command == "Replace":
        raise ConfigError("account is needed with command=replace: the GUID that was added")
    return draft.new_guid()


def _exchange(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.draft import atomic

    command, guid = values.command, _account(values, draft)
    account = draft.at("ActiveSync", "Accounts", guid)
    options = account.at("Options")
    commands = list(account.write_given(command, values, _EXCHANGE))
    commands.insert(1, account.write(command, "AccountType", value="Exchange"))
    commands.append(options.write(command, "UseSSL", value=values.flag("ssl")))
    chosen = values.items("content")
    for name, (content, title) in _CONTENTS.items() if chosen else ():
        node = options.at("ContentTypes", content)
        commands.append(node.write(command, "Enabled", value=name in chosen))
        commands.append(node.write(command, "Name", value=title))
    return (atomic(*commands),)


def _exchange_remove(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (draft.delete("ActiveSync", "Accounts", _account(values, draft)),)


def _email(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.draft import atomic

    command, account = values.command, draft.at("EMAIL2", _account(values, draft))
    kind = _PROTOCOLS[values.text("protocol")]
    ssl = values.flag("ssl")
    commands = [
        account.write(command, "ACCOUNTTYPE", value="Email"),
        account.write(command, "SERVICETYPE", value=kind),
        *account.write_given(command, values, _EMAIL),
        account.write(command, "AUTHREQUIRED", value=values.flag("outgoing-login")),
        account.write(command, "TAGPROPS", _INCOMING_SSL, value=ssl),
        account.write(command, "TAGPROPS", _OUTGOING_SSL, value=ssl),
    ]
    if "download-days" in values:
        days = _DAYS[values.text("download-days")]
        commands.append(account.write(command, "DWNDAY", value=days))
    return (atomic(*commands),)


def _email_remove(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (draft.delete("EMAIL2", _account(values, draft)),)


_ACCOUNT = Parameter(name="account", help="GUID of the account; a new one without", kind=Kind.GUID)
_OLD = Parameter(name="account", help="GUID of the account", kind=Kind.GUID, required=True)
_ADDRESS = Parameter(name="address", help="e-mail address", maximum=254, required=True)
_DOMAIN = Parameter(name="domain", help="domain of the user", maximum=253)
_USER = Parameter(name="user", help="name to log in with", maximum=256)
_PASSWORD = Parameter(name="password", help="else the user is asked", is_secret=True, maximum=256)
_SSL = Parameter(
    name="ssl", help="whether connections are encrypted", kind=Kind.SWITCH, default="yes"
)
_GUID = "C3DE4D5A-7E5B-4F3B-9E3C-2A6E1D0C9B11"
_OLD_EXAMPLE = MappingProxyType({"account": _GUID})
_NO_CSP = "no source names a CSP for accounts"

RECIPES = (
    Recipe(
        name="exchange",
        summary="Add an Exchange account; a device must restart after a change of one.",
        profiles=in_profiles("wp8 wp81 win10"),
        build=_exchange,
        source="session.md 7: ActiveSync",
        parameters=(
            Parameter(name="name", help="what it is called", maximum=256, required=True),
            _ADDRESS,
            Parameter(name="server", help="Exchange server", kind=Kind.HOST, required=True),
            _DOMAIN,
            _USER,
            _PASSWORD,
            _SSL,
            Parameter(
                name="content",
                help="what is synchronised; all without",
                kind=Kind.CHOICE,
                values=tuple(_CONTENTS),
                is_list=True,
            ),
            _ACCOUNT,
            COMMAND,
            USER_SCOPE,
        ),
        example=MappingProxyType(
            {
                "name": "Work",
                "address": "user@example.test",
                "server": "mail.example.test",
                "user": "user",
                "content": "email,calendar",
            }
        ),
        alternatives=MappingProxyType({"win81": _NO_CSP}),
    ),
    Recipe(
        name="exchange-remove",
        summary="Remove an Exchange account.",
        profiles=in_profiles("wp8 wp81 win10"),
        build=_exchange_remove,
        source="session.md 7: ActiveSync",
        parameters=(_OLD, USER_SCOPE),
        example=_OLD_EXAMPLE,
        alternatives=MappingProxyType({"win81": _NO_CSP}),
    ),
    Recipe(
        name="email",
        summary="Add a POP or IMAP account [U].",
        profiles=in_profiles("wp8? wp81 win10"),
        build=_email,
        source="session.md 7: EMAIL2 [U]",
        parameters=(
            Parameter(
                name="protocol",
                help="how mail is fetched",
                kind=Kind.CHOICE,
                values=tuple(_PROTOCOLS),
                required=True,
            ),
            Parameter(name="service", help="what it is called", maximum=256, required=True),
            Parameter(name="name", help="of the sender", maximum=256, required=True),
            _ADDRESS,
            Parameter(name="incoming", help="server for it", kind=Kind.HOST, required=True),
            Parameter(name="outgoing", help="SMTP server", kind=Kind.HOST, required=True),
            Parameter(
                name="outgoing-login",
                help="whether the SMTP server wants a password",
                kind=Kind.SWITCH,
                default="yes",
            ),
            _DOMAIN,
            _USER,
            _PASSWORD,
            _SSL,
            Parameter(
                name="download-days",
                help="how far back mail is fetched",
                kind=Kind.CHOICE,
                values=tuple(_DAYS),
            ),
            _ACCOUNT,
            COMMAND,
            USER_SCOPE,
        ),
        example=MappingProxyType(
            {
                "protocol": "imap4",
                "service": "Example mail",
                "name": "A. User",
                "address": "user@example.test",
                "incoming": "imap.example.test:993",
                "outgoing": "smtp.example.test:465",
                "user": "user",
            }
        ),
        alternatives=MappingProxyType({"win81": _NO_CSP}),
    ),
    Recipe(
        name="email-remove",
        summary="Remove a POP or IMAP account [U].",
        profiles=in_profiles("wp8? wp81 win10"),
        build=_email_remove,
        source="session.md 7: EMAIL2 [U]",
        parameters=(_OLD, USER_SCOPE),
        example=_OLD_EXAMPLE,
        alternatives=MappingProxyType({"win81": _NO_CSP}),
    ),
)
