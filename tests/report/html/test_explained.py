"""The tree of what is explained."""

from mdmcore.report.html.explained import MAX_NODES, Fact, explained


def test_names_and_values_are_laid_out() -> None:
    found = explained({"soap": {"message_id": "m", "is_x": True, "empty": ""}, "oids": ["a", "b"]})
    assert found.facts == (
        Fact(
            name="SOAP",
            below=(Fact(name="message id", value="m"), Fact(name="is x", value="yes")),
        ),
        Fact(name="oids", value="a, b"),
    )


def test_commands_and_items_are_told_in_a_line() -> None:
    status = {
        "command": "Status",
        "cmd_id": "3",
        "msg_ref": "1",
        "cmd_ref": "2",
        "cmd": "Get",
        "data": "404",
        "name": "Not Found",
        "meaning": "there is no such node",
    }
    results = {"command": "Results", "cmd_id": "4", "items": [{"source": "./a", "data": "v"}]}
    (commands,) = explained({"commands": [status, results]}).facts
    assert commands.below[0] == Fact(
        name="Status 3", value="404 Not Found there is no such node (for Get 2 of message 1)"
    )
    assert commands.below[1].below[0].below == (Fact(name="./a", value="v"),)


def test_the_tree_is_bounded() -> None:
    found = explained({str(number): "x" * 1000 for number in range(MAX_NODES + 7)})
    assert len(found.facts) == MAX_NODES
    assert found.more == 7
    assert found.facts[0].value.endswith("… (1000 characters)")
    deep: dict[str, object] = {"end": "x"}
    for _ in range(200):
        deep = {"a": deep}
    assert explained(deep).facts


def test_secrets_are_masked_though_cut() -> None:
    secret = "s" * 900
    found = explained({"a": f"see {'k' * 8}", "b": f"{secret[:700]}..."}, ("k" * 8, secret))
    assert [fact.value for fact in found.facts] == ["see ***", "***"]
