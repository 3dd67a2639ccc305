"""`okr key-result`: key results, for a person at a terminal."""

from typing import Annotated, cast

import typer

from services.cli import options
from services.cli.address import segment
from services.cli.session import session

_CLEARABLE = ("baseline", "target", "floor", "ceiling", "low", "high")

app = typer.Typer(no_args_is_help=True, help="Add, redefine and show key results, and who is responsible.")

KeyResultId = Annotated[str, typer.Argument(metavar="KEY_RESULT", help="Id of the key result.")]
PersonId = Annotated[str, typer.Argument(metavar="PERSON", help="Id of the person.")]
Baseline = Annotated[str | None, typer.Option("--baseline", metavar="N", help="Where it starts.")]
Target = Annotated[str | None, typer.Option("--target", metavar="N", help="Where it should get.")]


@app.command()
def add(
    objective_id: Annotated[str, typer.Argument(metavar="OBJECTIVE", help="Id of its objective.")],
    title: Annotated[str, typer.Argument(help="The measured impact, in words.")],
    responsible: Annotated[str, typer.Option("--responsible", help="Id of the one responsible person.")],
    kind: Annotated[str, typer.Option("--kind", help="increase, reduce or achieve.")] = "increase",
    unit: Annotated[str, typer.Option("--unit", help="number, percent, money:EUR or custom:WORD.")] = "number",
    baseline: Baseline = None,
    target: Target = None,
    weight: Annotated[str | None, typer.Option("--weight", metavar="N", help="Among its siblings; 1.")] = None,
    fed_by_children: Annotated[bool, typer.Option("--fed-by-children", help="Fed by aligned objectives.")] = False,
    partner: Annotated[list[str] | None, typer.Option("--partner", help="A key partner; may be given again.")] = None,
    cadence_days: Annotated[int | None, typer.Option("--cadence-days", help="Days between check-ins; 7.")] = None,
    key_result_id: Annotated[str | None, typer.Option("--id", help="Its id; made when left out.")] = None,
    command_id: options.CommandId = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Add a key result to an objective.

    Example: okr key-result add o1 "Renewals" --responsible p1 --unit percent --baseline 80 --target 90
    """
    with session(url, token, organisation, data, as_json) as okr:
        okr.send(
            "AddKeyResult",
            command_id,
            key_result_id=key_result_id,
            objective_id=objective_id,
            title=title,
            kind=kind,
            unit=_unit(unit),
            baseline=baseline,
            target=target,
            weight=weight,
            source="children" if fed_by_children else "check_ins",
            responsible_id=responsible,
            partner_ids=partner or [],
            cadence_days=cadence_days,
        )


@app.command()
def redefine(
    key_result_id: KeyResultId,
    reason: options.Reason = None,
    kind: Annotated[str | None, typer.Option("--kind", help="increase, reduce or achieve.")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="number, percent, money:EUR or custom:WORD.")] = None,
    baseline: Baseline = None,
    target: Target = None,
    clear: Annotated[list[str] | None, typer.Option("--clear", help=f"Clear {', '.join(_CLEARABLE)}.")] = None,
    restated: Annotated[str | None, typer.Option("--restated", metavar="N", help="Where things stand by it.")] = None,
    command_id: options.CommandId = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Change what a key result measures; what is left out stays. In an open cycle with a reason.

    Another kind may need fewer numbers: --kind achieve --clear baseline --clear target.

    Example: okr key-result redefine k1 --target 95 --reason "the contract asks for more"
    """
    with session(url, token, organisation, data, as_json) as okr:
        given = {
            "kind": kind,
            "unit": _unit(unit) if unit else None,
            "baseline": baseline,
            "target": target,
            "restated_value": options.value(restated),
            "reason": reason,
        }
        body = {"key_result_id": key_result_id, **options.cleared(clear, given, _CLEARABLE)}
        okr.show_reply(okr.client.command("RedefineKeyResult", body, command_id))


@app.command()
def responsible(
    key_result_id: KeyResultId,
    person_id: PersonId,
    reason: options.Reason = None,
    command_id: options.CommandId = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Name the one person who is responsible.

    Example: okr key-result responsible k1 p2
    """
    with session(url, token, organisation, data, as_json) as okr:
        okr.send("AssignResponsible", command_id, key_result_id=key_result_id, person_id=person_id, reason=reason)


@app.command()
def partner(
    key_result_id: KeyResultId,
    person_id: PersonId,
    command_id: options.CommandId = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Name one more key partner.

    Example: okr key-result partner k1 p3
    """
    with session(url, token, organisation, data, as_json) as okr:
        okr.send("NameKeyPartner", command_id, key_result_id=key_result_id, person_id=person_id)


@app.command()
def show(
    key_result_id: KeyResultId,
    on: options.On = None,
    known_at: options.KnownAt = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Show one key result.

    Example: okr key-result show k1 --on 2026-02-01
    """
    from services.cli.output import facts

    with session(url, token, organisation, data, as_json) as okr:
        path = f"key-results/{segment(key_result_id)}"
        found = okr.client.get(path, effective_on=options.day(on), known_at=known_at)
        plain = {name: value for name, value in found.items() if isinstance(value, str | int | bool)}
        owner = cast("dict[str, str]", found.get("owner") or {})
        okr.show(found, lambda: facts(key_result_id, {**plain, "responsible": owner.get("id")}))


def _unit(words: str) -> dict[str, str]:
    kind, _, code = words.partition(":")
    return {"kind": kind, "code": code} if code else {"kind": kind}
