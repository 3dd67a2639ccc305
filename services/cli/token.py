"""`okr token`: a token from the key of this installation."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from services.cli import options, output
from services.cli.failures import Misused, Refused

if TYPE_CHECKING:
    from services.chassis import settings

KEY_FILE: Final = "token-key.pem"

KeyFile = Annotated[
    Path | None, typer.Option("--key-file", envvar="OKR_TOKEN_KEY_FILE", help="The key; that of DIR if left out.")
]


def token(
    role: Annotated[list[str], typer.Option("--role", help="A role; may be given again.")],
    organisation: Annotated[
        list[str], typer.Option("--organisation", envvar="OKR_ORGANISATION", help="An organisation, or * for all.")
    ],
    person: Annotated[str | None, typer.Option("--person", help="Opaque id of the person it is for.")] = None,
    service: Annotated[str | None, typer.Option("--service", help="Or that of a service.")] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="How long it is good.")] = 30,
    key_file: KeyFile = None,
    data: options.Data = options.DATA,
    as_json: options.Json = False,
) -> None:
    """
    Make a token; refused where tokens come from an issuer.

    Example: okr token --person p1 --role member --organisation acme
    """
    with output.failures_shown(as_json):
        from datetime import timedelta

        from services.chassis import settings, tokens

        subject = person or service
        if not subject or (person and service):
            raise Misused("A token is for one person or one service.", "Give --person or --service.")
        _refuse_unknown_roles(role)
        kind: Literal["person", "service"] = "person" if person else "service"
        key = key_file or data / KEY_FILE
        try:
            made = tokens.issue_token(
                _settings(key), subject, "*" if "*" in organisation else organisation, role, kind=kind,
                good_for=timedelta(days=days),
            )  # fmt: skip
        except tokens.IssuerConfigured as error:
            raise Refused(str(error)) from error
        except settings.SettingsError as error:
            raise Misused(str(error), f"`okr up` makes the key {key}.") from error
        if as_json:
            output.to_programs({"token": made, "subject": f"{kind}/{subject}", "days": days})
        else:
            typer.echo(made)


def _settings(key: Path) -> "settings.TokenSettings":
    """How tokens are made here. An issuer in the environment wins over any key."""
    import os

    from services.chassis import settings

    own_key = None if os.environ.get("OKR_TOKEN_ISSUER") else key
    return settings.read(settings.TokenSettings, token_key_file=own_key)


def _refuse_unknown_roles(roles: list[str]) -> None:
    from services.ledger.policies import ROLES

    if unknown := sorted(set(roles) - set(ROLES)):
        raise Misused(f"{', '.join(unknown)} is no role.", f"Roles are {', '.join(ROLES)}.")
