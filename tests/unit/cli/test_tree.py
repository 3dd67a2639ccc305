from io import StringIO

from rich.console import Console

from services.cli.tree import drawn


def node(
    name: str, parents: list[str], kind: str = "objective", progress: str | None = "0.500000"
) -> dict[str, object]:
    return {
        "id": name,
        "kind": kind,
        "title": name.upper(),
        "parents": [{"id": parent, "kind": "objective"} for parent in parents],
        "progress": progress,
        "status": "on_track",
        "stale": False,
        "confidence": None,
    }


def lines(nodes: list[dict[str, object]]) -> list[str]:
    console = Console(file=StringIO(), width=100)
    console.print(drawn(nodes, "acme"))
    written = console.file
    assert isinstance(written, StringIO)
    return [line.rstrip() for line in written.getvalue().splitlines()]


def test_children_stand_below_their_parents():
    assert lines([node("o1", []), node("k1", ["o1"], "key_result", "1.000000"), node("o2", ["o1"], progress=None)]) == [
        "acme",
        "└── █████░░░░░  50.0%  O1  o1  on track",
        "    ├── ██████████ 100.0%  K1  k1  on track",
        "    └── ░░░░░░░░░░   0.0%  O2  o2  on track",
    ]


def test_a_node_with_two_parents_is_drawn_once_and_named_twice():
    drawing = lines([node("o1", []), node("o2", []), node("o3", ["o1", "o2"])])
    assert [line for line in drawing if "O3" in line] == [
        "│   └── █████░░░░░  50.0%  O3  o3  on track",
        "    └── O3 (see above)",
    ]


def test_words_in_brackets_are_words():
    named = {**node("o1", []), "title": "Ship [bold] by May"}
    assert "Ship [bold] by May" in lines([named])[1]


def test_a_node_whose_parent_is_not_in_the_answer_stands_at_the_top():
    assert len(lines([node("o2", ["elsewhere"])])) == 2
