"""What running services say of themselves."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from services.cli.client import Client
from services.cli.connection import find
from services.cli.failures import Failure
from services.cli.findings.finding import Finding
from services.cli.positions import items


def of_services(url: str | None, token: str | None, organisation: str | None, data: Path) -> Iterator[Finding]:
    """Whether they answer and are ready, and how far the read models are in the organisation that is named."""
    try:
        connection = find(url, token, organisation, data)
        with Client(connection) as client:
            client.outside("/livez")
            yield Finding(f"services {connection.url}", "ok", "answer")
            yield _ready(cast("Mapping[str, object]", client.outside("/readyz")))
            if connection.organisation:
                yield from _positions(connection.organisation, client.get("positions"))
    except Failure as failure:
        yield Finding("services", "wrong", failure.what, failure.fix)


def _ready(document: Mapping[str, object]) -> Finding:
    checks = cast("Mapping[str, str]", document.get("checks", {}))
    wrong = ", ".join(f"{name}: {found}" for name, found in checks.items() if found != "ok")
    status = str(document.get("status"))
    if status == "ready":
        return Finding("readiness", "ok", status)
    return Finding(
        "readiness", "wrong", f"{status} ({wrong})", "Mend what does not answer; the services go on by themselves."
    )


def _positions(organisation: str, positions: Mapping[str, object]) -> Iterator[Finding]:
    for item in items(positions):
        what = f"read model {item['projection']} of {organisation}"
        if parked := cast("Mapping[str, object] | None", item["parked"]):
            fix = f"Mend the cause, then `okr projection resume {item['projection']}`."
            yield Finding(what, "wrong", f"parked at {parked['sequence']} ({parked['type']}): {parked['error']}", fix)
        else:
            yield Finding(what, "ok", f"at {item['sequence']} of {positions['head']}, {item['lag_events']} behind")
