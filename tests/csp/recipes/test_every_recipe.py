"""What holds for all recipes: examples, the rules, hostile text, and any values at all."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.csp import Payload, find_node, parse_uri
from mdmcore.csp.recipes import (
    Kind,
    Parameter,
    Recipe,
    build_commands,
    command_problems,
    recipes,
)
from mdmcore.errors import ConfigError
from mdmcore.rules import Severity
from mdmcore.syncml.fragment import parse_commands
from mdmcore.syncml.model import AnyCommand
from mdmcore.xml import parse_strict
from tests.support.commands import sent
from tests.support.recipes import (
    PROVIDER,
    body,
    context,
    every_recipe_by_profile,
    example_values,
    items,
    numbered,
)

EACH = pytest.mark.parametrize(
    ("recipe", "profile"),
    [pytest.param(r, p, id=f"{r.name}-{p}") for r, p in every_recipe_by_profile()],
)
HOSTILE = """x<b>&amp;"'</Data><![CDATA[]]><!--"""
"""Text that ends or opens something wherever it is not escaped."""
_XML_PAYLOADS = frozenset(Payload) - {Payload.CERTIFICATE}


@EACH
def test_the_example_makes_commands_without_a_problem(
    recipe: Recipe, profile: str, recipe_files: Mapping[str, bytes]
) -> None:
    commands = build_commands(
        recipe, example_values(recipe, profile, recipe_files), context(profile)
    )
    assert commands
    assert command_problems(commands, profile=profile, provider=PROVIDER) == ()
    assert parse_commands(body(commands)) == commands


@EACH
def test_the_rules_have_nothing_against_the_example(
    recipe: Recipe, profile: str, recipe_files: Mapping[str, bytes]
) -> None:
    """The rules judge what a server sends, and know nothing of recipes."""
    commands = build_commands(
        recipe, example_values(recipe, profile, recipe_files), context(profile)
    )
    found = [f for f in sent(profile, *numbered(commands)) if f.severity is not Severity.INFO]
    assert [(f.rule, f.message) for f in found] == []


@EACH
def test_every_text_is_escaped(
    recipe: Recipe, profile: str, recipe_files: Mapping[str, bytes]
) -> None:
    """Each text parameter in turn: the value is refused, or comes out of the XML as it went in."""
    usual = example_values(recipe, profile, recipe_files)
    for parameter in recipe.parameters:
        hostile = _hostile(parameter)
        if hostile is None or (parameter.profiles and profile not in parameter.profiles):
            continue
        commands, refusal = _made(recipe, {**usual, parameter.name: hostile}, profile)
        if refusal:
            # Only where it says so in words of this parameter.
            assert parameter.name in refusal
            continue
        assert parse_commands(body(commands)) == commands, parameter.name
        assert any(HOSTILE in text for text in _texts(commands)), parameter.name


def _made(
    recipe: Recipe, values: Mapping[str, str], profile: str
) -> tuple[tuple[AnyCommand, ...], str]:
    """The commands, or why there are none."""
    try:
        return build_commands(recipe, values, context(profile)), ""
    except ConfigError as error:
        return (), str(error) or "no reason"


def _hostile(parameter: Parameter) -> str | None:
    match parameter.kind:
        case Kind.TEXT | Kind.NAME:
            return HOSTILE
        case Kind.ASSIGNMENTS:
            return f"Name={HOSTILE.replace(';', ';;')}"
        case _:
            return None


def _texts(commands: tuple[AnyCommand, ...]) -> list[str]:
    """All that the commands say, as a device reads it: LocURIs and Data, decoded, and the texts
    and attributes of XML inside Data."""
    found: list[str] = []
    for name, item in items(commands):
        uri = item.target or ""
        found += parse_uri(uri).segments
        node = find_node(uri)
        data = item.data or ""
        found.append(data)
        is_xml = node is not None and node.payload in _XML_PAYLOADS
        if is_xml or (name == "Exec" and data.startswith("<")) or "~" in uri:
            root = parse_strict(f"<root>{data}</root>".encode())
            for element in root.iter():
                found += [element.text or "", *map(str, element.attrib.values())]
    return found


_WORDS = st.sampled_from(
    ["yes", "no", "0", "1", "7", "18", "99999", "-1", "a", "A=1;B=2", "1.2.3.4", "80,90-99"]
)
_VALUES = st.one_of(_WORDS, st.text(max_size=20))


@given(data=st.data())
def test_any_values_are_refused_or_make_sound_commands(data: st.DataObject) -> None:
    """The example with a few of its values changed, left out or added to."""
    recipe = data.draw(st.sampled_from(recipes()))
    profile = data.draw(st.sampled_from(sorted(recipe.profiles)))
    values = {name: text for name, text in recipe.example.items() if not text.startswith("@")}
    changed = st.lists(st.sampled_from(recipe.parameters or (None,)), max_size=3)
    for parameter in data.draw(changed):
        if parameter is None:
            continue
        choices = [_VALUES, st.none()]
        if parameter.values:
            choices.append(st.sampled_from(parameter.values))
        value = data.draw(st.one_of(choices))
        if value is None:
            values.pop(parameter.name, None)
        else:
            values[parameter.name] = value
    commands, refusal = _made(recipe, values, profile)
    if refusal:
        return
    problems = command_problems(commands, profile=profile, provider=PROVIDER)
    assert not [problem for problem in problems if problem.is_error]
    assert parse_commands(body(commands)) == commands


NEEDING = [r for r in recipes() if any(e.required and not e.profiles for e in r.parameters)]


@pytest.mark.parametrize("recipe", NEEDING, ids=lambda recipe: recipe.name)
def test_a_missing_value_is_asked_for(recipe: Recipe) -> None:
    required = [each for each in recipe.parameters if each.required and not each.profiles]
    profile = next(iter(recipe.profiles))
    with pytest.raises(ConfigError, match=f"^{recipe.name} needs {required[0].name}: "):
        build_commands(recipe, {}, context(profile))
