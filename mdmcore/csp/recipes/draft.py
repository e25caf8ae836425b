"""Making the commands of a recipe: LocURIs with the right prefix, Format from the catalogue.

A command's CmdID stays empty: whoever sends it numbers it. What the commands are for stands in
the recipes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mdmcore.csp.catalogue import find_node
from mdmcore.csp.check import limits, value_problem
from mdmcore.csp.model import CspNode
from mdmcore.csp.recipes.model import RecipeContext
from mdmcore.csp.recipes.values import Values, wrong
from mdmcore.csp.uri import join_uri
from mdmcore.errors import ConfigError
from mdmcore.profiles import device_profile
from mdmcore.syncml.model import Command, Container, Item, Meta

ADD = "Add"
REPLACE = "Replace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Commands for one device. ``scope`` is ``device`` or ``user``.

    ``below`` and the ``names`` of each method are node names in plain letters, below
    ``Vendor/MSFT`` where they do not begin with a node of OMA DM.
    """

    context: RecipeContext
    scope: str = "device"
    below: tuple[str, ...] = ("Vendor", "MSFT")

    def at(self, *names: str) -> Draft:
        """The same below a node."""
        return replace(self, below=(*self.below, *names))

    def root(self, *names: str) -> Draft:
        """The same below a node that is not a vendor's (DevInfo, DevDetail)."""
        return replace(self, below=names)

    def for_user(self, is_for_user: bool) -> Draft:
        """The same in the context of the user or of the device."""
        return replace(self, scope="user" if is_for_user else "device")

    @property
    def provider_id(self) -> str:
        """The name of this server in the device. Raises ConfigError where it is not known."""
        if not self.context.provider_id:
            raise ConfigError("the PROVIDER-ID of the device's account is not known")
        return self.context.provider_id

    @property
    def provider(self) -> Draft:
        """The branch of this server in DMClient. Raises ConfigError as ``provider_id``."""
        return self.root("Vendor", "MSFT", "DMClient", "Provider", self.provider_id)

    def new_guid(self) -> str:
        """A fresh GUID in braces, as accounts are named."""
        return f"{{{self.context.new_guid().strip('{}').upper()}}}"

    def uri(self, *names: str, listing: str = "") -> str:
        """The LocURI of a node: with ``./Device`` only where it has both contexts, and where the
        device knows such a prefix (session.md 2.3)."""
        path = (*self.below, *names)
        node = self._node(*names)
        prefixes = device_profile(self.context.profile).context_prefixes
        has_both = node is not None and len(node.contexts) > 1
        if self.scope == "user" and prefixes:
            path = ("User", *path)
        elif has_both and prefixes:
            path = ("Device", *path)
        return join_uri(*path) + (f"?list={listing}" if listing else "")

    def has(self, csp: str, *, surely: bool = False) -> bool:
        """Whether the device has a provider below ``Vendor/MSFT``; ``surely`` leaves out those
        that it is only likely to have [U]."""
        node = find_node(join_uri("Vendor", "MSFT", csp), profile=self.context.profile)
        return node is not None and (not surely or node.profiles[self.context.profile])

    def is_known(self, *names: str) -> bool:
        """Whether the catalogue has the node itself, not only a wildcard in its place."""
        node = self._node(*names)
        return node is not None and node.path[-1] != "*"

    def get(self, *names: str, listing: str = "") -> Command:
        """Read a node; ``listing`` is the value of ``?list=``."""
        return _command("Get", Item(target=self.uri(*names, listing=listing)))

    def delete(self, *names: str) -> Command:
        """Delete a node with all below it."""
        return _command("Delete", Item(target=self.uri(*names)))

    def write(
        self, command: str, *names: str, value: object = None, parameter: str = ""
    ) -> Command:
        """Add or Replace of a value; ``parameter`` is whose it is, for the error."""
        return _command(command, self.item(*names, value=value, parameter=parameter))

    def write_given(
        self, command: str, values: Values, names: Mapping[str, str]
    ) -> tuple[Command, ...]:
        """A command for each parameter that has a value; ``names`` says of which node it is."""
        return tuple(
            self.write(command, *name.split("/"), value=text, parameter=parameter)
            for parameter, name in names.items()
            if (text := values.get(parameter)) is not None
        )

    def item(self, *names: str, value: object = None, parameter: str = "") -> Item:
        """The Item of a value: text, number, or truth as the node spells it. Raises ConfigError
        for a value that the node does not take."""
        node = self._node(*names)
        if value is None:
            is_interior = node is not None and node.is_interior
            meta = Meta(format="node") if is_interior else None
            return Item(target=self.uri(*names), meta=meta)
        text = _spelled(node, value)
        if node is not None and value_problem(node, text, format=_format(node, value)) is not None:
            raise wrong(parameter or names[-1], limits(node), "" if node.is_secret else text)
        return Item(target=self.uri(*names), meta=Meta(format=_format(node, value)), data=text)

    def execute(self, *names: str, data: str | None = None, format: str | None = None) -> Command:
        """Exec of a node."""
        meta = None if format is None else Meta(format=format)
        return _command("Exec", Item(target=self.uri(*names), meta=meta, data=data))

    def _node(self, *names: str) -> CspNode | None:
        uri = join_uri(*self.below, *names)
        return find_node(uri, profile=self.context.profile)


def braced(guid: str) -> str:
    """A GUID as it names a node; percent-encoding comes with the LocURI."""
    return f"{{{guid.strip('{}')}}}"


def items_in_one(command: str, *items: Item) -> Command:
    """One Add or Replace of several items."""
    return Command(name=command, cmd_id="", items=items)


def atomic(*commands: Command | Container) -> Container:
    """All or nothing, in order."""
    return Container(name="Atomic", cmd_id="", commands=commands)


def sequence(*commands: Command | Container) -> Container:
    """In order, each for itself."""
    return Container(name="Sequence", cmd_id="", commands=commands)


def _command(name: str, item: Item) -> Command:
    return Command(name=name, cmd_id="", items=(item,))


def _format(node: CspNode | None, value: object) -> str:
    """The node's Format; where it allows several, that of the value's own type."""
    if node is None:
        return "int" if isinstance(value, int) else "chr"
    wanted = "chr" if isinstance(value, str) else "int"
    is_wild = node.path[-1] == "*"
    return wanted if is_wild and wanted in node.formats else node.formats[0]


def _spelled(node: CspNode | None, value: object) -> str:
    if not isinstance(value, bool):
        return str(value)
    text = "true" if value else "false"
    if node is None or not node.values or text in node.values:
        return text
    return next((each for each in node.values if each.lower() == text), str(int(value)))
