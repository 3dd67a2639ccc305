"""Files of which no row can be taken: each is reported with its line, the rule and the fix, and nothing is sent."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from services.chassis import auth, postgres, serve, tokens
from services.ledger.main import api
from services.ledger.settings import LedgerSettings
from services.query.api import query_api
from tests.end_to_end.okr_program import Environment, okr
from tests.given import given
from tests.ledger_writer import write
from tests.unit.domain.acme import REGISTERED

OKRS = "id,kind,parent,owner,title,result\n"
PEOPLE = "id,title,manager,departments\n"
HISTORY = "committed_at,cycle,objective,key_result,actor,field,old,new\n"
CREATED = "2026-04-01T08:00:00Z,2026-q2,O1,K1,writer,created,,Win :: Medals\n"
ASSIGNED = "2026-04-01T08:00:00Z,2026-q2,O1,K1,writer,assignee,,rower\n"


@dataclass(frozen=True)
class Ledger:
    """What `okr import` is told, and the database behind it."""

    told: Environment
    database: asyncpg.Connection

    async def head(self) -> int:
        return await self.database.fetchval("SELECT sequence FROM ledger.heads")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ledger(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Ledger]:
    key_file = tmp_path_factory.mktemp("key") / "key.pem"
    tokens.key_at(key_file)
    settings = LedgerSettings(database_url=module_database, token_key_file=key_file)
    verifier = auth.verifier(settings)
    await write(module_database, given(REGISTERED).history().recorded)
    listening = serve.listen("127.0.0.1", 0)
    async with (
        api(settings, verifier, []) as commands,
        postgres.pool(module_database, "okr_query", size=2) as pool,
    ):
        serving = asyncio.create_task(
            serve.serve(query_api(pool, verifier, beside=commands.routes()), listening), name="serve"
        )
        database = await asyncpg.connect(module_database)
        token = tokens.issue_token(settings, "importer", ["acme"], ["import"], kind="service")
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        yield Ledger({"OKR_URL": url, "OKR_TOKEN": token, "OKR_ORGANISATION": "acme"}, database)
        await database.close()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


# By what is wrong: the kind of file, what is in it, and the lines that are refused, each with its rule.
BROKEN: dict[str, tuple[str, str | bytes, list[tuple[int, str]]]] = {
    "no header": ("okrs", "name,goal\nCEO,Grow\n", [(1, "wrong_header")]),
    "UTF-16": ("okrs", (OKRS + "O1,objective,,CEO,Grow,\n").encode("utf-16"), [(1, "wrong_encoding")]),
    "a quotation that is never closed": ("okrs", OKRS + 'O1,objective,,CEO,"Grow,\n', [(2, "not_csv")]),
    "an unknown kind": ("okrs", OKRS + "O1,initiative,,CEO,Grow,\n", [(2, "unknown_kind")]),
    "no id": ("okrs", OKRS + ",objective,,CEO,Grow,\n", [(2, "no_id")]),
    "no title": ("okrs", OKRS + "O1,objective,,CEO,,\n", [(2, "no_title")]),
    "no owner": ("okrs", OKRS + "O1,objective,,,Grow,\n", [(2, "no_owner")]),
    "a missing parent": (
        "okrs",
        OKRS + "O1,objective,O9,CEO,Grow,\nK1,key_result,O1,CEO,Sell,\n",
        [(2, "missing_parent"), (3, "parent_refused")],
    ),
    "a key result without objective": ("okrs", OKRS + "K1,key_result,,CEO,Sell,\n", [(2, "no_parent")]),
    "a circle": (
        "okrs",
        OKRS + "O1,objective,O2,CEO,Grow,\nO2,objective,O1,CEO,Win,\n",
        [(2, "circle_in_parent"), (3, "circle_in_parent")],
    ),
    "a title that is too long": ("okrs", OKRS + f"O1,objective,,CEO,{'x' * 10_001},\n", [(2, "field_not_allowed")]),
    "a person without id": ("people", PEOPLE + ",Chief,,Board\n", [(2, "no_id")]),
    "too many departments": (
        "people",
        PEOPLE + f"p1,Chief,,{';'.join(f'd{n}' for n in range(101))}\n",
        [(2, "too_many_departments")],
    ),
    "an instant without offset": (
        "history",
        HISTORY + (CREATED + ASSIGNED).replace("Z", ""),
        [(2, "no_instant"), (3, "no_instant")],
    ),
    "no quarter": (
        "history",
        HISTORY + (CREATED + ASSIGNED).replace("2026-q2", "2026-q5"),
        [(2, "no_quarter"), (3, "no_quarter")],
    ),
    "an unknown field": ("history", HISTORY + CREATED.replace("created", "grown"), [(2, "unknown_field")]),
    "nobody assigned": ("history", HISTORY + CREATED, [(2, "no_assignee")]),
    "a row of nothing": ("history", HISTORY + ASSIGNED.replace("assignee,,rower", "mid,,0.4"), [(2, "not_created")]),
}


@pytest.mark.parametrize("wrong", BROKEN)
async def test_a_file_of_which_no_row_can_be_taken_says_why_and_changes_nothing(
    ledger: Ledger, tmp_path: Path, wrong: str
) -> None:
    kind, content, refused = BROKEN[wrong]
    file = tmp_path / "rows.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    cycle = ("--cycle", "q1", "--starts", "2026-01-01", "--ends", "2026-03-31") if kind == "okrs" else ()
    before = await ledger.head()
    ran = await okr("import", kind, str(file), *cycle, "--json", env=ledger.told)
    assert ran.code == 1, f"{ran.code}: {ran.out}{ran.err}"
    items = [each for each in ran.items() if each["outcome"] == "refused"]
    assert [(each["line"], each["rule"]) for each in items] == refused
    assert all(len(str(each["message"])) > 10 and len(str(each["fix"])) > 10 for each in items)
    assert (ran.document["sent"], await ledger.head()) == (0, before)
