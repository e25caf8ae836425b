"""Captured DM messages of the server, made anew for the session that a device holds now.

session.md sections 1 and 4. Statuses go to the device's own commands, the server's credentials are
made with the captured secrets and the nonces that the device names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from mdmcore.errors import MdmError
from mdmcore.namespaces import AUTH_MD5
from mdmcore.replay.credentials import remade_cred
from mdmcore.rules.life import Credential, CredVerdict, NonceState
from mdmcore.rules.scene import Scene
from mdmcore.syncml.credentials import digest_cred
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Chal,
    Command,
    Cred,
    Results,
    Status,
    SyncHdr,
    SyncML,
)
from mdmcore.xml import Element, child, children, local_name, rewritten, text_of

_OK, _ACCEPTED, _CHALLENGED = "200", "212", "407"
_STARTS = frozenset({"1200", "1201"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the server proves itself with: its entry of the captured account, and the nonces that
    the device has named. ``device`` is the device's entry."""

    credential: Credential | None
    nonces: NonceState
    device: Credential | None = None


def signature(message: SyncML | None) -> tuple[str, ...]:
    """What a session is about, told by the alerts of its first message; who opened it is not
    looked at."""
    found = []
    for alert in message.alerts if message is not None else ():
        types = [item.meta.type or "" for item in alert.items if item.meta is not None]
        if alert.code not in _STARTS:
            found.append(" ".join((alert.code, *types)))
    return tuple(sorted(found))


def own_commands(message: SyncML) -> list[AnyCommand]:
    """What the device says of itself, and its Results: what may be answered with a Status."""
    return [one for one in message.commands if not isinstance(one, Status)]


def _key(command: AnyCommand) -> str:
    if isinstance(command, Alert):
        types = [item.meta.type or "" for item in command.items if item.meta is not None]
        return " ".join(("Alert", "" if command.code in _STARTS else command.code, *types))
    if isinstance(command, Command):
        return " ".join(
            (command.name, *(item.source or item.target or "" for item in command.items))
        )
    return command.name if not isinstance(command, Results) else "Results"


def _answered(captured: SyncML, asked: SyncML) -> tuple[dict[str, str], list[AnyCommand]]:
    """CmdIDs of the captured device's commands and those of the same commands now; and what the
    captured device did not say."""
    waiting = own_commands(captured)
    found: dict[str, str] = {}
    new: list[AnyCommand] = []
    for one in own_commands(asked):
        fitting = next((old for old in waiting if _key(old) == _key(one)), None)
        if fitting is None:
            new.append(one)
        else:
            waiting.remove(fitting)
            found[fitting.cmd_id] = one.cmd_id
    return found, new


def remade_answer(captured: Scene, asked: SyncML, proof: Proof) -> SyncML:
    """The captured answer for the message that was sent now; it must have one."""
    theirs, answer = captured.decoded.request_syncml, captured.decoded.response_syncml
    assert theirs is not None
    assert answer is not None
    links, unknown = _answered(theirs, asked)
    known = {one.cmd_id for one in own_commands(theirs)}
    commands: list[AnyCommand] = []
    for one in answer.commands:
        if not isinstance(one, Status):
            commands.append(one)
        elif one.msg_ref != theirs.header.msg_id:
            commands.append(one)  # of an earlier message, or a mistake
        elif one.is_for_header:
            commands.append(_referring(one, theirs.header, asked.header))
        elif one.cmd_ref in links:
            linked = _referring(one, theirs.header, asked.header)
            commands.append(replace(linked, cmd_ref=links[one.cmd_ref]))
        elif one.cmd_ref not in known:
            commands.append(one)
    place = max((at for at, one in enumerate(commands) if isinstance(one, Status)), default=-1) + 1
    taken = {one.cmd_id for one in commands}
    free = (str(number) for number in range(1, 100_000) if str(number) not in taken)
    extra = [_accepting(one, asked, next(free)) for one in unknown if not isinstance(one, Results)]
    return replace(
        answer,
        header=_header(captured, asked, proof),
        commands=(*commands[:place], *extra, *commands[place:]),
        raw=b"",
    )


def _referring(status: Status, theirs: SyncHdr, asked: SyncHdr) -> Status:
    texts = {theirs.source: asked.source, theirs.target: asked.target}
    return replace(
        status,
        msg_ref=asked.msg_id,
        target_refs=tuple(texts.get(one, one) for one in status.target_refs),
        source_refs=tuple(texts.get(one, one) for one in status.source_refs),
    )


def _accepting(command: AnyCommand, asked: SyncML, cmd_id: str, code: str = _OK) -> Status:
    return Status(
        cmd_id=cmd_id,
        msg_ref=asked.header.msg_id,
        cmd_ref=command.cmd_id,
        cmd=command.name,
        data=code,
    )


def _header(captured: Scene, asked: SyncML, proof: Proof) -> SyncHdr:
    theirs, answer = captured.decoded.request_syncml, captured.decoded.response_syncml
    assert theirs is not None
    assert answer is not None
    old, own = theirs.header, answer.header
    return replace(
        own,
        session_id=asked.header.session_id if own.session_id == old.session_id else own.session_id,
        msg_id=_counted(own.msg_id, old.msg_id, asked.header.msg_id),
        target=asked.header.source if own.target == old.source else own.target,
        cred=own.cred and server_cred(captured, own.cred, asked, proof),
    )


def _counted(own: str, theirs: str, asked: str) -> str:
    """The server's MsgID, as far behind the device's as it was."""
    if theirs == asked or not all(text.isdecimal() for text in (own, theirs, asked)):
        return own
    return str(max(1, int(own) + int(asked) - int(theirs)))


def server_cred(captured: Scene, cred: Cred, asked: SyncML, proof: Proof) -> Cred:
    """The server's credential now; one that was the device's own is so again."""
    theirs = captured.decoded.request_syncml
    copied = theirs.header.cred if theirs is not None else None
    if copied is not None and copied.data == cred.data and asked.header.cred is not None:
        return replace(cred, data=asked.header.cred.data)
    check = captured.server_cred
    if proof.credential is None or (check is not None and check.verdict is CredVerdict.UNKNOWN):
        return cred
    return remade_cred(cred, check, proof.credential, proof.nonces, other=proof.device)


def closing_answer(
    asked: SyncML, proof: Proof, *, uri: str, challenge: bytes | None = None
) -> SyncML:
    """The end of a session for which nothing more was captured: everything is accepted, nothing is
    wanted. ``challenge``: the device is to prove itself first, with that nonce."""
    header, has_cred = asked.header, asked.header.cred is not None
    credential, nonce = proof.credential, proof.nonces.current
    cred = None
    if has_cred and credential is not None and nonce is not None:
        cred = digest_cred(credential.user, credential.secret, nonce)
    first = Status(
        cmd_id="1",
        msg_ref=header.msg_id,
        cmd_ref="0",
        cmd="SyncHdr",
        target_refs=(header.target,),
        source_refs=(header.source,),
        data=_CHALLENGED if challenge else _ACCEPTED if has_cred else _OK,
        chal=Chal(type=AUTH_MD5, format="b64", next_nonce=challenge) if challenge else None,
    )
    code = _CHALLENGED if challenge else _OK
    wanted = [one for one in own_commands(asked) if not isinstance(one, Results)]
    others = (_accepting(one, asked, str(at), code) for at, one in enumerate(wanted, start=2))
    return SyncML(
        header=SyncHdr(
            ver_dtd=header.ver_dtd,
            ver_proto=header.ver_proto,
            session_id=header.session_id,
            msg_id=_next(header.msg_id),
            target=header.source,
            source=uri or header.target,
            source_name=credential.user if cred is not None and credential is not None else None,
            cred=cred,
        ),
        commands=(first, *others),
        namespace=asked.namespace,
    )


def _next(msg_id: str) -> str:
    return str(int(msg_id) + 1) if msg_id.isdecimal() else msg_id


def in_its_own_words(captured: Scene, message: SyncML, body: bytes) -> bytes | None:
    """The captured XML with the few texts that differ, where nothing else does: mistakes in how it
    is written stay. ``None`` where more than that has to change."""
    side, answer = captured.decoded.response, captured.decoded.response_syncml
    if side is None or answer is None or side.encoding != "xml":
        return None
    if [_numbers(one) for one in answer.commands] != [_numbers(one) for one in message.commands]:
        return None
    new, old = message.header, answer.header
    if side.problems:
        pattern = re.compile(rb"(<SessionID>\s*)" + re.escape(old.session_id.encode()))
        return pattern.sub(lambda found: found[1] + new.session_id.encode(), body)
    texts: Mapping[str, str] = {
        "SessionID": new.session_id,
        "MsgID": new.msg_id,
        "Data": new.cred.data if new.cred is not None else "",
        "Target": new.target,
    }

    def change(root: Element) -> None:
        header = child(root, "SyncHdr")
        for name in ("SessionID", "MsgID"):
            _set(child(header, name), texts[name])
        _set(child(header, "Target", "LocURI"), texts["Target"])
        if new.cred is not None:
            _set(child(header, "Cred", "Data"), texts["Data"])
        body_element = child(root, "SyncBody")
        for element in children(body_element) if body_element is not None else ():
            source = child(element, "SourceRef")
            if local_name(element) == "Status" and text_of(source) == old.target:
                _set(source, new.target)

    try:
        return rewritten(body, change)
    except MdmError:
        return None


def _numbers(one: AnyCommand) -> tuple[str, ...]:
    if isinstance(one, Status | Results):
        return (one.name, one.cmd_id, one.msg_ref, one.cmd_ref)
    return (one.name, one.cmd_id)


def _set(element: Element | None, text: str) -> None:
    if element is not None and text_of(element) != text:
        element.text = text
