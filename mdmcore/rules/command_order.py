"""Rules on commands that do not go together in one message (field-problems.md 3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.rules.answered import windows_build
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.sent import SentItem, sent_commands, sent_items
from mdmcore.syncml.model import Command

_ENDING = re.compile(
    r"(?i)Vendor/MSFT/(?:Reboot/RebootNow|RemoteWipe/(?:.*/)?do[A-Z]\w*"
    r"|DMClient/(?:Provider/[^/]+/)?Unenroll)/?\Z"
)
_CERTIFICATES = ("Vendor", "MSFT", "ClientCertificateInstall")
_MIXING_BUILD = 10586


@rule("reboot-command-with-others", kinds={Kind.SYNCML})
def reboot_with_others(scene: Scene) -> Iterator[Hit]:
    """A reboot, wipe, reset or unenrolment stands before other commands of one message, whose
    Statuses may then never come, or only in a new session. Send it alone, or last."""
    commands = [command for command, _ in sent_commands(scene) if isinstance(command, Command)]
    positions = {command.place: at for at, command in enumerate(commands)}
    for sent in sent_items(scene):
        if sent.command.name != "Exec" or not _ENDING.search(sent.target):
            continue
        behind = len(commands) - positions[sent.command.place] - 1
        if behind:
            yield sent.hit(scene, f"{behind} commands stand behind the Exec of {sent.target}")


@rule("client-cert-both-stores", kinds={Kind.SYNCML})
def client_cert_both_stores(scene: Scene) -> Iterator[Hit]:
    """One message installs client certificates for the device and for the user, and build 10586
    puts the device's also into the user's store. Send two messages."""
    if windows_build(scene) not in {None, _MIXING_BUILD}:
        return
    first: dict[str, SentItem] = {}
    for sent in sent_items(scene):
        uri = sent.uri
        is_install = sent.is_write or sent.command.name == "Exec"
        if is_install and len(uri.segments) > 4 and uri.segments[:3] == _CERTIFICATES:
            first.setdefault(uri.context or "device", sent)
    if len(first) > 1:
        message = "client certificates for the device and for the user stand in one message"
        yield list(first.values())[1].hit(scene, message)
