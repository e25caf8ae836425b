"""What a CSP does beyond keeping the values of its nodes: the hooks of one CSP, as data.

The tree judges first whether a node exists, whether the command is allowed on it, and whether
format and value fit; only then is a hook asked. A hook changes nothing itself: it returns an
``Outcome``, so that an Atomic that fails can be undone. A CSP without hooks keeps values only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from mdmcore.base64_text import encode_base64
from mdmcore.csp import CspNode
from mdmcore.phone.device.state import DeviceState
from mdmcore.phone.settings import Random
from mdmcore.phone.state import EnrolledPhone

type Path = tuple[str, ...]
"""Names of nodes, decoded; below the root of a CSP unless said otherwise."""

type Content = str | bytes
"""What a leaf holds: text, or bytes where the format is ``b64`` or ``bin``."""

DEFAULT_FORMAT = "chr"
DEFAULT_TYPE = "text/plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """The value of a leaf with its Meta Format and Type."""

    content: Content = ""
    format: str = DEFAULT_FORMAT
    type: str = DEFAULT_TYPE

    @property
    def text(self) -> str:
        """As Data carries it: bytes as one line of base64."""
        content = self.content
        return content if isinstance(content, str) else encode_base64(content)

    @property
    def data(self) -> bytes:
        """The bytes, or the text in UTF-8."""
        content = self.content
        return content.encode(errors="surrogatepass") if isinstance(content, str) else content


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The node that a command names: ``path`` below the root of its CSP.

    ``context`` is ``device`` or ``user``. Names are spelt as in the catalogue where it spells
    them, otherwise as the command does.
    """

    path: Path
    node: CspNode
    context: str = "device"

    @property
    def name(self) -> str:
        """The last name, empty for the root of the CSP."""
        return self.path[-1] if self.path else ""

    def match(self, *pattern: str) -> Path | None:
        """The names that stand for ``*`` in the pattern, ``None`` when it is another node."""
        if len(pattern) != len(self.path) or any(
            part not in ("*", name) for part, name in zip(pattern, self.path, strict=True)
        ):
            return None
        pairs = zip(pattern, self.path, strict=True)
        return tuple(name for part, name in pairs if part == "*")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a hook sees. ``device`` is the state now, ``phone`` that at the session's beginning.

    ``value`` gives the value of a leaf of the same CSP and context, ``None`` when it is not there;
    ``children`` the names below a node. ``random`` is ``None`` only where nobody gave any.
    """

    phone: EnrolledPhone
    device: DeviceState
    now: datetime
    random: Random | None
    value: Callable[[Path], Value | None]
    children: Callable[[Path], Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What comes of a command. From code 400 on nothing is kept and nothing else here counts.

    ``device`` is the new state, ``None`` when it stays. ``content`` is what a Get reads, or what
    is kept instead of the value given. ``removed`` are nodes that go, with all below them.
    ``is_irreversible``: no Atomic can undo it, its roll-back is answered 516.
    """

    code: int = 200
    device: DeviceState | None = None
    content: Content | None = None
    removed: tuple[Path, ...] = ()
    is_irreversible: bool = False


_DONE = Outcome()
_EXISTS = Outcome(code=418)
_NOTHING: Mapping[Path, Content] = MappingProxyType({})


def _accept(target: Target, view: View) -> Outcome:
    return _DONE


def _accept_value(target: Target, value: Value, view: View) -> Outcome:
    return _DONE


def _accept_execution(target: Target, value: Value | None, view: View) -> Outcome:
    return _DONE


def _refuse_second(target: Target, view: View) -> Outcome:
    return _EXISTS


def _no_facts(view: View) -> Mapping[Path, Content]:
    return _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """The hooks of one CSP; ``csp`` is its name in the catalogue.

    ``facts`` tells what the device itself puts into the tree: leaves with their content (parents
    come by themselves; an interior node without children is told with an empty text). It is asked
    at the beginning and again whenever ``DeviceState`` has changed, and what it no longer tells
    goes away. A value that the server has written stands before a fact. ``user_facts`` are those
    in the context of the user.

    ``read`` sees a Get of a leaf, ``write`` an Add or Replace (``view.value`` still gives the old
    value, ``None`` at an Add; an interior node comes with an empty value of format ``node``),
    ``collide`` an Add of what is there already, ``delete`` a Delete, ``execute`` an Exec. Parents
    that an Add makes are written before it, one by one.
    """

    csp: str
    facts: Callable[[View], Mapping[Path, Content]] = _no_facts
    user_facts: Callable[[View], Mapping[Path, Content]] = _no_facts
    read: Callable[[Target, View], Outcome] = _accept
    write: Callable[[Target, Value, View], Outcome] = _accept_value
    collide: Callable[[Target, View], Outcome] = _refuse_second
    delete: Callable[[Target, View], Outcome] = _accept
    execute: Callable[[Target, Value | None, View], Outcome] = _accept_execution
