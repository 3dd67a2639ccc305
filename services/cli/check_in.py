"""`okr check-in`: what is reported of a key result, for a person at a terminal."""

from typing import Annotated

import typer

from services.cli import options
from services.cli.address import segment
from services.cli.session import session

app = typer.Typer(no_args_is_help=True, help="Record, correct, withdraw and list check-ins.")

CheckInId = Annotated[str, typer.Argument(metavar="CHECK_IN", help="Id of the check-in.")]
Value = Annotated[str | None, typer.Option("--value", metavar="N", help="A number, or true or false.")]
Confidence = Annotated[int | None, typer.Option("--confidence", min=0, max=10, help="Of reaching the target.")]
Forecast = Annotated[str | None, typer.Option("--forecast", metavar="N", help="The value expected at the end.")]
Narrative = Annotated[str | None, typer.Option("--narrative", help="What happened, in words.")]

_CLEARABLE = ("value", "confidence", "forecast", "narrative")


@app.command()
def record(
    key_result_id: Annotated[str, typer.Argument(metavar="KEY_RESULT", help="Id of the key result.")],
    value: Value = None,
    confidence: Confidence = None,
    forecast: Forecast = None,
    narrative: Narrative = None,
    on: options.On = None,
    check_in_id: Annotated[str | None, typer.Option("--id", help="Its id; made when left out.")] = None,
    command_id: options.CommandId = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Report on a key result.

    Example: okr check-in record k1 --value 84.5 --confidence 6 --narrative "two large renewals are open"
    """
    with session(url, token, organisation, data, as_json) as okr:
        okr.send(
            "RecordCheckIn",
            command_id,
            check_in_id=check_in_id,
            key_result_id=key_result_id,
            value=options.value(value),
            confidence=confidence,
            forecast=options.value(forecast),
            narrative=narrative,
            effective_on=options.day(on),
        )


@app.command()
def correct(
    check_in_id: CheckInId,
    reason: options.WantedReason,
    value: Value = None,
    confidence: Confidence = None,
    forecast: Forecast = None,
    narrative: Narrative = None,
    clear: Annotated[list[str] | None, typer.Option("--clear", help=f"Clear {', '.join(_CLEARABLE)}.")] = None,
    on: options.On = None,
    command_id: options.CommandId = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Say that a check-in was wrong, and why; what is left out stays, and the earlier words stay readable.

    Example: okr check-in correct c1 --value 82 --reason "a renewal was counted twice"
    """
    with session(url, token, organisation, data, as_json) as okr:
        given = {
            "value": options.value(value),
            "confidence": confidence,
            "forecast": options.value(forecast),
            "narrative": narrative,
            "effective_on": options.day(on),
        }
        body = {"check_in_id": check_in_id, "reason": reason, **options.cleared(clear, given, _CLEARABLE)}
        okr.show_reply(okr.client.command("CorrectCheckIn", body, command_id))


@app.command()
def withdraw(
    check_in_id: CheckInId,
    reason: options.WantedReason,
    command_id: options.CommandId = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Take a check-in back with all its corrections; it stays readable.

    Example: okr check-in withdraw c1 --reason "meant for another key result"
    """
    with session(url, token, organisation, data, as_json) as okr:
        okr.send("WithdrawCheckIn", command_id, check_in_id=check_in_id, reason=reason)


@app.command("list")
def list_check_ins(
    key_result_id: Annotated[str, typer.Argument(metavar="KEY_RESULT", help="Id of the key result.")],
    on: options.On = None,
    known_at: options.KnownAt = None,
    url: options.Url = None,
    token: options.Token = None,
    organisation: options.Organisation = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    List the check-ins of a key result.

    Example: okr check-in list k1 --known-at 120
    """
    from services.cli.output import table

    with session(url, token, organisation, data, as_json) as okr:
        path = f"key-results/{segment(key_result_id)}/check-ins"
        items = list(okr.client.pages(path, effective_on=options.day(on), known_at=known_at))
        columns = ("id", "effective_on", "value", "confidence", "forecast", "narrative")
        rows = ([item.get(name, item.get("check_in_id")) for name in columns] for item in items)
        okr.show({"items": items}, lambda: table("", columns, rows))
