from io import StringIO

from rich.console import Console, RenderableType

from services.cli import people, units


def lines(shown: RenderableType) -> list[str]:
    written = StringIO()
    Console(file=written, width=120).print(shown)
    return [line.rstrip() for line in written.getvalue().splitlines() if line.strip()]


def unit(name: str, parent: str | None, count: int = 0) -> dict[str, object]:
    return {"id": f"u-{name}", "name": name, "parent_id": parent and f"u-{parent}", "layer": 1, "people": count}


def person(name: str | None, title: str | None, *, placeholder: bool = False, reports: int = 0) -> dict[str, object]:
    return {
        "id": f"p-{title}",
        "name": name,
        "title": title,
        "placeholder": placeholder,
        "manager_id": "p-Head",
        "manager_name": None,
        "reports": reports,
        "units": [{"id": "u-Oars", "name": "Oars"}, {"id": "u-Boats", "name": None}],
    }


def test_units_stand_below_their_parents_each_level_by_name():
    chart = [unit("Club", None), unit("oars", "Club", 2), unit("Boats", "Club", 1_200), unit("Shed", "Boats", 7)]
    assert lines(units.drawn(chart))[1:] == [
        "└──     0  Club  u-Club",
        "    ├──  1200  Boats  u-Boats",
        "    │   └──     7  Shed  u-Shed",
        "    └──     2  oars  u-oars",
    ]


def test_a_unit_whose_parent_is_not_there_stands_at_the_top():
    assert lines(units.drawn([unit("Shed", "Boats", 7)]))[1:] == ["└──     7  Shed  u-Shed"]


def test_people_are_listed_with_units_and_manager_and_no_empty_column():
    shown = lines(people.listed([person(None, "Rower"), person(None, "Cox", placeholder=True, reports=3)]))
    assert [line.split() for line in shown if "─" not in line] == [
        ["2", "people"],
        ["id", "title", "units", "manager", "reports"],
        ["p-Rower", "Rower", "Oars;", "u-Boats", "p-Head", "–"],
        ["p-Cox", "Cox", "(placeholder)", "Oars;", "u-Boats", "p-Head", "3"],
    ]


def test_names_are_shown_where_somebody_has_one():
    assert "Kim Example" in "".join(lines(people.listed([person("Kim Example", "Rower")])))


def test_where_there_is_nobody_it_says_where_units_are():
    assert lines(people.listed([])) == ["Nobody. `okr units` has the ids of units."]
