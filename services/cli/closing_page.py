"""
The closing report of a cycle as a page that prints well.

Pure: from the JSON of `…/cycles/{id}/closing` to one HTML document that loads nothing from elsewhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final, cast

JsonObject = Mapping[str, object]

_WORDS: Final = {
    "met": "met",
    "miss": "missed, to learn from",
    "success": "a success",
    "progress": "progress",
    "learn": "to learn from",
}
_STYLE: Final = """
:root { font: 11pt/1.4 system-ui, sans-serif; color: #1a1a1a; }
body { max-width: 48rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin: 1.6rem 0 .3rem; }
p.sub { color: #555; margin: .2rem 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .5rem; vertical-align: top; }
th { font-weight: 600; border-bottom: 1px solid #999; } td { border-bottom: 1px solid #ddd; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
blockquote { margin: .4rem 0; padding-left: .8rem; border-left: 3px solid #bbb; }
.ended { color: #666; } .note { font-style: italic; }
@media print { body { margin: 0; max-width: none; } section { break-inside: avoid; } }
"""


def page(closing: JsonObject) -> str:
    """The whole document."""
    cycle = cast("JsonObject", closing["cycle"])
    name = _text(cycle["name"] or cycle["id"])
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f"<title>{name}: closing report</title><style>{_STYLE}</style></head><body>",
            f"<h1>{name}</h1>",
            f'<p class="sub">{cycle["starts_on"]} to {cycle["ends_on"]}, {_text(cycle["state"])}</p>',
            *_listed("Still without a grade", closing["missing"]),
            *_listed("Missed, and nobody has said yet what was learnt", closing["without_reflection"]),
            *(line for each in cast("Sequence[JsonObject]", closing["objectives"]) for line in _objective(each)),
            "</body></html>",
        )
    )


def _listed(title: str, nodes: object) -> Iterator[str]:
    items = cast("Sequence[JsonObject]", nodes)
    if items:
        yield f"<h2>{title}</h2><ul>"
        yield from (
            f"<li>{_text(each['title'] or each['id'])} <small>{_text(each['id'])}</small></li>" for each in items
        )
        yield "</ul>"


def _objective(objective: JsonObject) -> Iterator[str]:
    owner = cast("JsonObject | None", objective["owner"])
    ended = "" if objective["state"] == "live" else f", {_text(objective['state']).replace('_', ' ')}"
    yield f"<section{' class=ended' if ended else ''}><h2>{_text(objective['title'] or objective['id'])}</h2>"
    owned_by = "restricted" if owner is None else f"owned by {_text(owner['kind'])} {_text(owner['id'])}"
    yield f'<p class="sub">{_text(objective["ambition"])}, {owned_by}{ended}</p>'
    yield "<table><thead><tr><th></th>" + "".join(
        f'<th class="number">{each}</th>' for each in ("progress", "proposed", "grade")
    )
    yield "<th></th></tr></thead><tbody>"
    yield _row(objective, "The objective")
    for each in cast("Sequence[JsonObject]", objective["key_results"]):
        yield _row(each, _text(each["title"] or each["id"]))
    yield "</tbody></table>"
    for each in (objective, *cast("Sequence[JsonObject]", objective["key_results"])):
        yield from _learnt(each)
    yield "</section>"


def _row(node: JsonObject, title: str) -> str:
    grade = cast("JsonObject | None", node["grade"])
    ungraded = "" if node["state"] != "live" or node.get("redacted") else "not graded"
    meaning = _WORDS.get(str(node["band"]), "") if grade else ungraded
    if node["state"] != "live":
        meaning = ", ".join(filter(None, (str(node["state"]).replace("_", " "), meaning)))
    if node["basis_changed"]:
        meaning += " (what it was based on was corrected since)"
    numbers = (_short(node["progress"]), _short(node["proposed_now"]), _short(grade["grade"]) if grade else "–")
    cells = "".join(f'<td class="number">{each}</td>' for each in numbers)
    return f"<tr><td>{title}</td>{cells}<td>{_text(meaning)}</td></tr>"


def _learnt(node: JsonObject) -> Iterator[str]:
    grade = cast("JsonObject | None", node["grade"])
    if grade is None:
        return
    by = cast("JsonObject", grade["by"])
    if grade["reflection"]:
        yield f"<blockquote>{_text(grade['reflection'])}</blockquote>"
    if grade["reason"]:
        named = "" if node["kind"] == "objective" else f"{_text(node['title'] or node['id'])}: "
        said = f"{named}{_text(grade['reason'])} ({_text(by['kind'])} {_text(by['id'])})"
        yield f'<p class="note">{said}</p>'


def _short(number: object) -> str:
    text = str(number)
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _text(value: object) -> str:
    return escape(str(value))
