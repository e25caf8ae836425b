"""Reading a tree by local names, and the paths that findings show."""

from __future__ import annotations

import pytest

from mdmcore.xml import (
    child,
    children,
    declared_namespaces,
    has_cdata,
    iter_elements,
    iter_paths,
    local_name,
    namespace_of,
    parse_lenient,
    parse_strict,
    path_of,
    qname,
    text_of,
)

TREE = parse_strict(
    b'<s:a xmlns:s="urn:s"><b xmlns="urn:b">1</b><c/><s:b> <d>2</d>3 </s:b><c><e/></c></s:a>'
)


def test_names() -> None:
    assert qname("urn:x", "a") == "{urn:x}a"
    assert qname("", "a") == "a"
    assert (local_name(TREE), namespace_of(TREE)) == ("a", "urn:s")
    assert namespace_of(TREE[1]) == ""


@pytest.mark.parametrize(
    ("data", "name", "namespace"),
    [
        (b"<p:a/>", "a", ""),
        (b"<a:b:c/>", "c", ""),
        (b'<p:a xmlns:p="}{x}"/>', "a", "}{x}"),
        (b"<a:/>", "a:", ""),
    ],
)
def test_names_that_only_recovery_lets_through(data: bytes, name: str, namespace: str) -> None:
    root = parse_lenient(data).root
    assert (local_name(root), namespace_of(root)) == (name, namespace)
    assert path_of(root) == f"/{name}"


def test_children_by_local_name_in_any_namespace() -> None:
    assert [namespace_of(element) for element in children(TREE, "b")] == ["urn:b", "urn:s"]
    assert len(list(children(TREE))) == 4
    assert list(children(TREE, "B")) == []


def test_child_follows_a_path() -> None:
    assert child(TREE, "c", "e") is None  # the first c has none
    found = child(TREE, "b")
    assert found is not None
    assert namespace_of(found) == "urn:b"
    assert child(TREE, "x", "y") is None
    assert child(None, "x") is None


def test_text_is_trimmed_and_whole() -> None:
    assert text_of(TREE[2]) == "23"
    assert text_of(None) == ""
    assert text_of(None, "-") == "-"


def test_paths_have_positions_where_needed() -> None:
    assert path_of(TREE) == "/a"
    assert path_of(TREE[2][0]) == "/a/b[2]/d"
    assert path_of(TREE[3][0]) == "/a/c[2]/e"


def test_iter_paths_agrees_with_path_of() -> None:
    found = list(iter_paths(TREE))
    assert [element for _, element in found] == list(iter_elements(TREE))
    assert [path for path, _ in found] == [path_of(element) for _, element in found]


def test_declared_namespaces_stand_where_they_are_declared() -> None:
    found = list(declared_namespaces(TREE))
    assert found == [(("s", "urn:s"),), (("", "urn:b"),), (), (), (), (), ()]


def test_a_namespace_declared_again_is_seen_again() -> None:
    root = parse_lenient(b'<a xmlns=" u"><b xmlns=" u" xmlns:p="v"/><c xmlns=""/>&x;</a>').root
    found = list(declared_namespaces(root))
    assert found == [(("", " u"),), (("", " u"), ("p", "v")), (("", ""),)]


def test_walks_are_linear() -> None:
    many = b" ".join(b'xmlns:p%d="urn:%d"' % (n, n) for n in range(5000))
    root = parse_strict(b"<a " + many + b">" + b"<b/>" * 50_000 + b"</a>")
    assert sum(1 for _ in iter_paths(root)) == 50_001  # minutes, if done sibling by sibling
    assert sum(map(len, declared_namespaces(root))) == 5000


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"<![CDATA[a]]>", True),
        (b"a<b> <![CDATA[]]]]></b>", True),
        (b"&lt;![CDATA[a]]&gt;", False),
        (b"<!-- <![CDATA[a]]> -->a", False),
        (b'<b c="&lt;![CDATA["/>', False),
        (b"", False),
    ],
)
def test_cdata_inside(content: bytes, expected: bool) -> None:
    root = parse_strict(b"<r><a>" + content + b"</a><![CDATA[behind]]></r>")
    found = child(root, "a")
    assert found is not None
    assert has_cdata(found) is expected
