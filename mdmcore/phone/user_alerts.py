"""What the server shows to the user: alerts 1100 to 1104 (DMPRO 10, session.md 2.5).

The first Item has parameters, the second the text, further ones the choices. Who the user is and
what he does is a setting.
"""

from __future__ import annotations

from types import MappingProxyType
from urllib.parse import parse_qs

from mdmcore.phone.settings import UserAnswer, UserReaction
from mdmcore.syncml.model import Alert, Item

DISPLAY, CONFIRM, TEXT_INPUT, SINGLE_CHOICE, MULTIPLE_CHOICE = (
    "1100",
    "1101",
    "1102",
    "1103",
    "1104",
)
USER_ALERTS = frozenset({DISPLAY, CONFIRM, TEXT_INPUT, SINGLE_CHOICE, MULTIPLE_CHOICE})
_CHOICES = frozenset({SINGLE_CHOICE, MULTIPLE_CHOICE})

OK, CANCELLED, REJECTED, INCOMPLETE, TIMED_OUT, WRONG_SIZE = 200, 214, 304, 412, 408, 416

_ON_CONFIRM = MappingProxyType({"1": OK, "0": REJECTED})
"""What the default response of a confirmation means."""


def ask_user(alert: Alert, user: UserAnswer) -> tuple[int, tuple[Item, ...]]:
    """The Status that the user's answer makes, and the Items that go into it."""
    if len(alert.items) < 2 or not alert.items[1].data:
        return INCOMPLETE, ()
    offered = len(alert.items) - 2
    if alert.code in _CHOICES and not offered:
        return INCOMPLETE, ()
    options = parse_qs(alert.items[0].data or "")
    match user.reaction:
        case UserReaction.CANCEL:
            return CANCELLED, ()
        case UserReaction.REJECT:
            return (REJECTED if alert.code == CONFIRM else CANCELLED), ()
        case UserReaction.IGNORE:
            return _default(alert.code, options.get("DR", [""])[0], offered)
        case UserReaction.CONFIRM:
            return _confirmed(alert.code, user, options, offered)


def _confirmed(
    code: str, user: UserAnswer, options: dict[str, list[str]], offered: int
) -> tuple[int, tuple[Item, ...]]:
    if code == TEXT_INPUT:
        longest = options.get("MAXLEN", [""])[0]
        if longest.isascii() and longest.isdigit() and len(user.text) > int(longest[:9]):
            return WRONG_SIZE, ()
        return OK, (Item(data=user.text),)
    if code in _CHOICES:
        chosen = [number for number in user.choices if 1 <= number <= offered]
        if not chosen:
            return CANCELLED, ()
        return OK, _numbers(chosen[:1] if code == SINGLE_CHOICE else chosen)
    return OK, ()


def _default(code: str, response: str, offered: int) -> tuple[int, tuple[Item, ...]]:
    """Nobody answered in time: the default response (DR) counts, where there is one."""
    if code == DISPLAY:
        return OK, ()
    if code == CONFIRM:
        return _ON_CONFIRM.get(response, TIMED_OUT), ()
    if not response:
        return TIMED_OUT, ()
    if code == TEXT_INPUT:
        return OK, (Item(data=response),)
    numbers = [int(part) for part in response.split("-") if part.isascii() and part.isdigit()]
    chosen = [number for number in numbers if 1 <= number <= offered]
    return (OK, _numbers(chosen)) if chosen else (TIMED_OUT, ())


def _numbers(chosen: list[int]) -> tuple[Item, ...]:
    return tuple(Item(data=str(number)) for number in chosen)
