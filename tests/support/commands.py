"""Server messages with one thing to judge, for tests of the rules on commands."""

from __future__ import annotations

from mdmcore.inspector import ArtifactSettings, inspect_artifact
from mdmcore.rules import RULES, Finding
from mdmcore.syncml.model import AnyCommand, Command, Container, Item, Meta, Status, SyncML
from mdmcore.syncml.xml import serialize_syncml
from tests.support.story import NOW, Story, answer, device_cred, header_status, package, package1


def command(
    name: str,
    target: str,
    data: str | None = None,
    *,
    cmd_id: str = "9",
    format: str | None = "chr",
    data_xml: str | None = None,
) -> Command:
    """A command on one target; Get and Delete have no Meta."""
    meta = Meta(format=format) if format and name not in {"Get", "Delete"} else None
    item = Item(target=target, meta=meta, data=data, data_xml=data_xml)
    return Command(name=name, cmd_id=cmd_id, items=(item,))


def atomic(*commands: Command | Container, name: str = "Atomic", cmd_id: str = "20") -> Container:
    """A container around commands."""
    return Container(name=name, cmd_id=cmd_id, commands=commands)


def message(*commands: AnyCommand) -> SyncML:
    """A server's message in answer to a device's first one."""
    return answer("2", "212", "1", *commands)


def sent(profile: str, *commands: AnyCommand, application_version: str = "") -> tuple[Finding, ...]:
    """What is found when a server sends these commands to a device of that profile."""
    body = serialize_syncml(message(*commands))
    return sent_bytes(profile, body, application_version=application_version)


def sent_bytes(profile: str, body: bytes, *, application_version: str = "") -> tuple[Finding, ...]:
    """The findings about commands in a message that is sent as it is."""
    story = _enrolled(profile, application_version)
    found = story.sync(package1(cred=device_cred()), body)
    return about_commands(found.findings)


def loose(profile: str, body: bytes) -> tuple[Finding, ...]:
    """The findings about commands in a loose message."""
    settings = ArtifactSettings(profile=profile, now=NOW)
    found = [
        f for report in inspect_artifact(body, name="m", settings=settings) for f in report.findings
    ]
    return about_commands(tuple(found))


def about_commands(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Those of the phase commands-csp."""
    return tuple(f for f in findings if RULES[f.rule].entry.phase == "commands-csp")


def status(
    code: str,
    cmd: str,
    cmd_ref: str = "9",
    *,
    target: str | None = None,
    msg_ref: str = "2",
    cmd_id: str = "3",
) -> Status:
    """A device's Status for a command of ``message``; without TargetRef unless one is given."""
    return Status(
        cmd_id=cmd_id,
        msg_ref=msg_ref,
        cmd_ref=cmd_ref,
        cmd=cmd,
        target_refs=(target,) if target else (),
        data=code,
    )


def answered(
    profile: str,
    commands: tuple[AnyCommand, ...],
    *told: AnyCommand,
    header: str = "200",
    application_version: str = "",
) -> tuple[Finding, ...]:
    """What is found in a device's answer to a server's commands."""
    story = _enrolled(profile, application_version)
    story.sync(package1(cred=device_cred()), message(*commands))
    found = story.sync(package("2", header_status(header, "2"), *told), answer("3", "200", "2"))
    return about_commands(found.findings)


def _enrolled(profile: str, application_version: str) -> Story:
    """A device of that version; of one that tells no build where none is given."""
    story = Story(profile)
    if not application_version:
        return story.enrolled()
    story.discover(application_version=application_version)
    story.policies()
    story.enroll(context=(("ApplicationVersion", application_version),))
    return story
