"""What a recipe is: a job that a person asks for by name, with parameters in that person's words.

Values only. What a parameter may hold is judged in ``values``, commands are made in ``draft``,
and the recipes themselves stand in the modules named for their subjects (session.md section 7).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand


class Kind(StrEnum):
    """What the text of a parameter must be; ``values`` says how each is judged."""

    TEXT = "text"
    NAME = "name"
    """One segment of a LocURI, in plain letters: it is percent-encoded by us."""
    INTEGER = "integer"
    SWITCH = "yes or no"
    CHOICE = "choice"
    GUID = "GUID"
    URL = "http or https address"
    HOST = "host or host:port"
    VERSION = "version"
    PORTS = "ports"
    DATE_TIME = "date and time"
    THUMBPRINT = "SHA-1 thumbprint"
    SHA256 = "SHA-256 digest"
    ASSIGNMENTS = "NAME=VALUE;..."
    """A semicolon in a value is doubled."""
    XML = "XML document"
    CERTIFICATE = "certificate"
    BINARY = "base64"
    TOKEN = "enrolment token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One value of a recipe. ``help`` is half a sentence for people.

    ``file`` is ``text`` or ``binary`` where ``@PATH`` may stand for the value: whoever asks has
    read the file, and gives its text, or base64 of its bytes. ``values`` lists a choice;
    ``minimum`` and ``maximum`` bound an integer, or the length of a text; ``is_list`` allows
    several values with commas between them. ``node`` is the LocURI of the node whose range it has,
    where the catalogue knows one. ``profiles`` names those that take the parameter,
    empty for all of the recipe.
    """

    name: str
    help: str
    kind: Kind = Kind.TEXT
    required: bool = False
    default: str = ""
    is_secret: bool = False
    is_list: bool = False
    file: str = ""
    values: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    node: str = ""
    profiles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeContext:
    """The device that a recipe is made for, and what its server knows.

    ``build`` is the number of the Windows build, ``None`` where no device told it. ``new_guid``
    gives a fresh GUID as text, with or without braces. ``is_azure_joined``: the enrolment came
    with a token of Azure AD.
    """

    profile: str
    provider_id: str
    enterprise_id: str = ""
    hub_url: str = ""
    product_id: str = ""
    build: int | None = None
    is_azure_joined: bool = False
    new_guid: Callable[[], str]


type Build = Callable[[Values, Draft], tuple[AnyCommand, ...]]
"""What makes a recipe's commands. Raises ConfigError that names the parameter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A job by name. ``profiles`` maps as in ``CspNode``: ``False`` where it is only likely [U].

    ``example`` holds values to try it with (``@PATH`` for a file); ``alternatives`` says for
    a profile without the recipe what there is instead; ``aliases`` are other names of the job.
    """

    name: str
    summary: str
    profiles: Mapping[str, bool]
    build: Build
    source: str
    parameters: tuple[Parameter, ...] = ()
    example: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    alternatives: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    aliases: tuple[str, ...] = ()

    @property
    def example_line(self) -> str:
        """The example as one types it."""
        words = [f"{name}={_quoted(value)}" for name, value in self.example.items()]
        return " ".join(("mdmproxy device queue ID", self.name, *words))


def in_profiles(text: str) -> Mapping[str, bool]:
    """``"wp8? wp81 win10"`` as a mapping, ``?`` after one that is only likely [U]."""
    return MappingProxyType({word.rstrip("?"): not word.endswith("?") for word in text.split()})


def _quoted(value: str) -> str:
    return value if all(sign.isalnum() or sign in "@%+=:,./-_" for sign in value) else f"'{value}'"


COMMAND = Parameter(
    name="command",
    help="replace where the device has the values already: it answers 418 to a second add",
    kind=Kind.CHOICE,
    values=("add", "replace"),
    default="add",
)
"""Add or Replace, for recipes whose nodes take both."""

SCOPE = Parameter(
    name="scope",
    help="whose settings they are; those of a user need one who is signed in",
    kind=Kind.CHOICE,
    values=("device", "user"),
    default="device",
    profiles=("win10",),
)
"""The context of the LocURIs (session.md 2.3)."""

USER_SCOPE = replace(SCOPE, default="user")
"""The same for what belongs to a user, as apps and mail do."""
