import re
from collections import Counter
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import cast

import pytest
import pytest_asyncio

from projections.programme_health.figure import FIGURES
from tests.end_to_end.okr_program import JsonObject, Up, okr, okr_run, okr_up
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(240)

SMALL = Path(__file__).parents[1] / "unit" / "cli" / "okrs.csv"
PEOPLE = SMALL.with_name("people.csv")
REAL = Path(__file__).parents[3] / "shared" / "data" / "gitlab-fy21-q1" / "okrs.csv"
REAL_PEOPLE = REAL.with_name("people.csv")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def up(server_folder: Path) -> AsyncGenerator[Up]:
    async with okr_up(server_folder / "terminal") as running:
        yield running


async def registered(up: Up, organisation: str) -> dict[str, str]:
    await up.okr("organisation", "register", organisation, "--name", organisation.title())
    return {"OKR_ORGANISATION": organisation}


async def head(up: Up, organisation: str) -> int:
    """The ledger's newest sequence, once every read model has it."""

    async def is_read() -> bool:
        items = cast("list[JsonObject]", up.ask(organisation, "positions")["items"])
        return all(item["lag_events"] == 0 for item in items)

    await wait_until(is_read, "the read models have everything")
    return cast("int", up.ask(organisation, "positions")["head"])


def importing(file: Path, starts: str = "2026-01-01", ends: str = "2026-03-31") -> tuple[str, ...]:
    return ("import", "okrs", str(file), "--cycle", "q1", "--starts", starts, "--ends", ends)


async def test_importing_twice_adds_no_event_the_second_time(up: Up):
    acme = await registered(up, "twice")
    first = (await up.okr(*importing(SMALL), env=acme)).document
    after_first = await head(up, "twice")
    second = (await up.okr(*importing(SMALL), env=acme)).document
    assert first["events"] == first["sent"] == first["commands"]
    assert (second["events"], second["sent"], second["known"]) == (0, 0, first["commands"])
    assert await head(up, "twice") == after_first
    tree = (await up.okr("tree", env=acme)).items()
    assert Counter(node["kind"] for node in tree) == {"objective": 6, "key_result": 5}


async def test_a_row_that_changed_is_reported_and_not_sent(up: Up, tmp_path: Path):
    acme = await registered(up, "changed")
    await up.okr(*importing(SMALL), env=acme)
    changed = tmp_path / "changed.csv"
    changed.write_bytes(SMALL.read_bytes().replace(b"66% (two of three clubs)", b"80%"))
    report = await up.okr(*importing(changed), env=acme)
    assert report.document["events"] == 0
    assert [item["record"] for item in report.items() if item["outcome"] == "changed"] == ["K1"]


async def test_what_the_ledger_refuses_is_reported_by_line_and_the_rest_goes_on(up: Up):
    acme = await registered(up, "locked")
    await up.okr("cycle", "plan", "q1", "--starts", "2026-01-01", "--ends", "2026-03-31", env=acme)
    owners = Path(up.folder) / "owners.csv"
    owners.write_text("role,same_as,person_id\nTreasurer,,nobody\n")
    report = await up.okr(*importing(SMALL), "--owners", str(owners), code=1, env=acme)
    refused = {(item["line"], item["rule"]) for item in report.items() if item["outcome"] == "refused"}
    assert refused == {(9, "reference_unknown"), (12, "reference_unknown")}
    assert all(item["fix"] for item in report.items() if item["outcome"] == "refused")
    assert report.document["refused"] == 2
    planned, taken = (cast("dict[str, int]", report.document[name]) for name in ("planned", "figures"))
    assert (planned["key_results"], taken["key_results"]) == (5, 3)
    tree = (await up.okr("tree", env=acme)).items()
    assert sum(node["kind"] == "objective" for node in tree) == 6


async def test_what_stands_below_a_row_that_the_ledger_refuses_is_refused_for_its_parent(up: Up, tmp_path: Path):
    acme = await registered(up, "below")
    rows, owners = tmp_path / "rows.csv", tmp_path / "owners.csv"
    rows.write_text(
        "id,kind,parent,owner,title,result\nO1,objective,,CEO,Row well,\n"
        "K1,key_result,O1,Treasurer,Boats paid,about half\nO2,objective,K1,CEO,Save,\n"
    )
    owners.write_text("role,same_as,person_id\nTreasurer,,nobody\n")
    report = await up.okr(*importing(rows), "--owners", str(owners), code=1, env=acme)
    assert [(item["line"], item["rule"]) for item in report.items()] == [
        (3, "reference_unknown"),
        (4, "parent_refused"),
    ]
    assert "Name an existing one" in str(report.items()[0]["fix"])
    assert "K1 (line 3)" in str(report.items()[1]["message"])


async def test_an_import_of_which_nothing_can_be_taken_sends_nothing(up: Up, tmp_path: Path):
    acme = await registered(up, "nothing")
    before = await head(up, "nothing")
    rows = tmp_path / "rows.csv"
    rows.write_text("name,goal\nCEO,Grow\n")
    report = (await up.okr(*importing(rows), code=1, env=acme)).document
    assert (report["commands"], report["sent"], report["refused"]) == (0, 0, 1)
    assert await head(up, "nothing") == before


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data is not there: it is not part of this repository")
async def test_a_quarter_as_a_company_published_it(up: Up):
    acme = await registered(up, "quarter")
    report = (await up.okr(*importing(REAL, "2020-02-01", "2020-04-30"), env=acme)).document
    assert report["events"] == report["commands"]
    assert report["refused"] == 0
    events = await head(up, "quarter")
    assert (await up.okr(*importing(REAL, "2020-02-01", "2020-04-30"), env=acme)).document["events"] == 0
    assert await head(up, "quarter") == events
    tree = (await up.okr("tree", env=acme)).items()
    assert Counter(node["kind"] for node in tree) == {"objective": 138, "key_result": 336}
    for name in ("progress", "alignment", "audit", "programme_health"):
        assert (await up.okr("projection", "verify", name)).document["agrees"] is True


async def test_people_are_imported_once_and_found_by_unit_and_manager(up: Up):
    acme = await registered(up, "club")
    first = (await up.okr("import", "people", str(PEOPLE), env=acme)).document
    after_first = await head(up, "club")
    second = (await up.okr("import", "people", str(PEOPLE), env=acme)).document
    assert first["events"] == first["sent"] == first["commands"] == 13
    assert (second["events"], second["sent"], second["known"]) == (0, 0, 13)
    assert await head(up, "club") == after_first
    units = {unit["name"]: unit for unit in (await up.okr("units", env=acme)).items()}
    assert {name: unit["people"] for name, unit in units.items()} == {
        "Club": 0,
        "Boats": 3,
        "Club office": 2,
        "Oars": 2,
    }
    boats = str(units["Boats"]["id"])
    assert (await up.okr("unit", boats, env=acme)).document == units["Boats"]
    in_boats = (await up.okr("people", "--unit", boats, env=acme)).items()
    assert [each["id"] for each in in_boats] == ["people_b1", "people_b2", "people_o1"]
    below = (await up.okr("people", "--unit", "root", "--below", "--manager", "people_b1", env=acme)).items()
    assert [each["id"] for each in below] == ["people_b2", "people_o1"]
    head_of_oars = (await up.okr("person", "people_o1", env=acme)).document
    assert (head_of_oars["manager_id"], head_of_oars["reports"]) == ("people_b1", 1)
    shown = await okr("units", env={"OKR_DATA": str(up.folder), **acme})
    assert re.search(r"3  Boats  people_unit-", shown.out)
    await up.okr("people", "--below", code=2, env=acme)
    assert (await up.okr("person", "nobody", code=1, env=acme)).document["status"] == 404


async def test_a_person_whose_row_changed_is_reported_and_a_manager_found_later_is_sent(up: Up, tmp_path: Path):
    acme = await registered(up, "found")
    await up.okr("import", "people", str(PEOPLE), env=acme)
    later = tmp_path / "people.csv"
    later.write_bytes(PEOPLE.read_bytes().replace(b"Head of Oars", b"Oarmaster") + b"x9,President,,\n")
    report = await up.okr("import", "people", str(later), env=acme)
    assert [item["record"] for item in report.items() if item["outcome"] == "changed"] == ["o1"]
    await head(up, "found")
    treasurer = (await up.okr("person", "people_t1", env=acme)).document
    assert (report.document["sent"], treasurer["manager_id"]) == (2, "people_x9")


async def test_of_a_row_whose_id_is_somebody_elses_nothing_more_is_sent(up: Up):
    acme = await registered(up, "taken")
    await up.okr("organisation", "add-person", "people_o1", "--title", "Somebody else", env=acme)
    report = await up.okr("import", "people", str(PEOPLE), code=1, env=acme)
    refused = [
        (item["line"], item["rule"], bool(item["fix"])) for item in report.items() if item["outcome"] == "refused"
    ]
    assert refused == [(4, "id_taken", True)]
    await head(up, "taken")
    assert (await up.okr("person", "people_o1", env=acme)).document["manager_id"] is None
    assert (await up.okr("person", "people_o2", env=acme)).document["manager_id"] is None
    assert (5, "manager_refused") in [(item["line"], item["rule"]) for item in report.items()]


async def test_no_day_to_come_is_taken_for_the_day_of_a_file(up: Up):
    acme = await registered(up, "to-come")
    refused = await up.okr("import", "people", str(PEOPLE), "--on", "2999-01-01", code=2, env=acme)
    assert "--on" in refused.err
    await up.okr("import", "people", str(PEOPLE), "--on", "2020-02-01", env=acme)
    await head(up, "to-come")
    assert len((await up.okr("people", "--on", "2020-02-01", env=acme)).items()) == 6
    assert (await up.okr("people", "--on", "2020-01-31", env=acme)).items() == []


@pytest.mark.skipif(not REAL_PEOPLE.exists(), reason="../shared/data is not there: it is not part of this repository")
async def test_the_people_of_a_company_as_it_published_them(up: Up):
    acme = await registered(up, "company")
    report = (await up.okr("import", "people", str(REAL_PEOPLE), env=acme)).document
    assert (report["rows"], report["refused"], report["events"], report["commands"]) == (1_336, 0, 2_547, 2_547)
    events = await head(up, "company")
    assert (await up.okr("import", "people", str(REAL_PEOPLE), env=acme)).document["sent"] == 0
    assert await head(up, "company") == events
    units = (await up.okr("units", env=acme)).items()
    assert Counter(unit["layer"] for unit in units) == {0: 1, 1: 326}
    people = (await up.okr("people", env=acme)).items()
    assert (len(people), sum(each["manager_id"] is not None for each in people)) == (1_336, 885)
    assert sum(cast("int", each["reports"]) for each in people) == 885
    assert (await up.okr("projection", "verify", "alignment")).document["agrees"] is True


async def test_a_check_in_corrected_is_seen_before_and_after(up: Up):
    acme = await registered(up, "people")
    for command in (
        ("organisation", "add-unit", "rowing", "--name", "Rowing"),
        ("organisation", "add-person", "p1", "--name", "Kim Example", "--unit", "rowing"),
        ("cycle", "plan", "q", "--starts", "2020-01-01", "--ends", "2099-12-31"),
        ("cycle", "open", "q"),
        ("objective", "create", "Row well", "--id", "o1", "--cycle", "q", "--owner", "unit:rowing", "--top-level"),
        (
            "key-result",
            "add",
            "o1",
            "Races won",
            "--id",
            "k1",
            "--responsible",
            "p1",
            "--baseline",
            "0",
            "--target",
            "10",
        ),
        ("check-in", "record", "k1", "--id", "c1", "--value", "4", "--confidence", "7"),
        ("check-in", "correct", "c1", "--value", "5.5", "--reason", "one more, found in the log book"),
    ):
        await up.okr(*command, env=acme)
    newest = await head(up, "people")
    now = await up.okr("progress", "k1", "--explain", env=acme)
    before = await up.okr("progress", "k1", "--known-at", str(newest - 1), env=acme)
    assert (now.document["progress"], before.document["progress"]) == ("0.550000", "0.400000")
    audited = (await up.okr("audit", "--subject", "key-results/k1", env=acme)).items()
    changes = cast("list[JsonObject]", audited[-1]["changes"])
    assert {"field": "value", "before": "4", "after": "5.5"} in changes
    words = await okr("progress", "k1", "--explain", env={"OKR_DATA": str(up.folder), **acme})
    assert "0.55 = (5.5 − 0) ÷ (10 − 0), from the check-in of" in words.out
    assert f"(event {newest - 1}, corrected in event {newest})" in words.out


async def test_another_kind_of_key_result_is_cleared_of_the_numbers_that_it_has_not(up: Up):
    acme = await registered(up, "redefined")
    for command in (
        ("organisation", "add-person", "p1", "--unit", "root"),
        ("cycle", "plan", "q", "--starts", "2020-01-01", "--ends", "2099-12-31"),
        ("objective", "create", "Row well", "--id", "o1", "--cycle", "q", "--owner", "unit:root", "--top-level"),
        ("key-result", "add", "o1", "Won", "--id", "k1", "--responsible", "p1", "--baseline", "0", "--target", "10"),
        ("key-result", "redefine", "k1", "--kind", "achieve", "--clear", "baseline", "--clear", "target"),
    ):
        await up.okr(*command, env=acme)
    shown = (await up.okr("audit", "--type", "KeyResultRedefined", env=acme)).items()
    data = cast("JsonObject", shown[0]["data"])
    assert (data["kind"], data["baseline"], data["target"]) == ("achieve", None, None)


async def test_an_id_leads_to_no_other_address(up: Up):
    for organisation in ("../x", "a/../../cycles", "x?y"):
        refused = await up.okr("tree", code=1, env={"OKR_ORGANISATION": organisation})
        assert refused.document["status"] in (403, 404)


async def test_a_persons_token_opens_its_own_organisation_only(up: Up):
    await registered(up, "mine")
    await registered(up, "theirs")
    made = await okr(
        "token", "--person", "p1", "--role", "member", "--organisation", "mine", env={"OKR_DATA": str(up.folder)}
    )
    token = made.out.strip()
    await up.okr("tree", env={"OKR_TOKEN": token, "OKR_ORGANISATION": "mine"})
    refused = await up.okr("tree", code=1, env={"OKR_TOKEN": token, "OKR_ORGANISATION": "theirs"})
    assert refused.document["status"] == 403


async def test_a_refusal_is_told_in_words_with_the_fix(up: Up):
    acme = await registered(up, "refusing")
    refused = await up.okr("objective", "create", "Row", "--cycle", "none", "--owner", "unit:root", code=1, env=acme)
    assert refused.document["status"] in (409, 422)
    assert "none" in refused.err


async def test_the_doctor_finds_nothing_wrong(up: Up):
    acme = await registered(up, "healthy")
    findings = (await up.okr("doctor", env=acme)).items("findings")
    assert [each for each in findings if each["verdict"] == "wrong"] == []
    assert {"read model progress", "data folder"} <= {each["what"] for each in findings}


async def test_the_doctor_names_what_is_wrong(up: Up, tmp_path: Path):
    ran = await okr("doctor", "--json", "--data", str(tmp_path), "--database-url", "postgresql://nobody@127.0.0.1:1/no")
    assert ran.code == 1
    wrong = [each for each in ran.items("findings") if each["verdict"] == "wrong"]
    assert [each["what"] for each in wrong] == ["database 127.0.0.1:1/no"]
    assert wrong[0]["fix"]


async def test_services_in_processes_of_their_own_answer_the_same(up: Up):
    acme = await registered(up, "apart")
    told = {
        "OKR_DATABASE_URL": str(up.connection["database_url"]),
        "OKR_TOKEN_KEY_FILE": str(up.folder / "token-key.pem"),
        "OKR_LOG_FORMAT": "json",
    }
    async with okr_run("ledger", told) as ledger, okr_run("query", told) as query:
        plan = ("cycle", "plan", "q", "--starts", "2026-01-01", "--ends", "2026-03-31")
        taken = await up.okr(*plan, "--url", ledger, env=acme)
        await up.okr("cycle", "open", "q", "--url", ledger, env=acme)
        await head(up, "apart")
        listed = await up.okr("cycle", "list", "--url", query, env=acme)
    assert [event["type"] for event in taken.items("events")] == ["CyclePlanned"]
    assert [cycle["state"] for cycle in listed.items()] == ["open"]


async def test_a_programme_lead_looks_at_its_health_and_an_auditor_at_who_looked(up: Up):
    acme = await registered(up, "healthy")
    await up.okr(*importing(SMALL), env=acme)
    await head(up, "healthy")
    overview = (await up.okr("health", env=acme)).document
    assert [each["figure"] for each in cast("list[JsonObject]", overview["figures"])] == list(FIGURES)
    listed = (await up.okr("health", "accountability", "--list", env=acme)).items()
    assert {each["outcome"] for each in listed} == {"placeholder"}
    unknown = await up.okr("health", "happiness", code=1, env=acme)
    assert "adoption" in unknown.err
    objective_id = next(str(node["id"]) for node in (await up.okr("tree", env=acme)).items())
    restrict = ("objective", "restrict", objective_id, "--reader", "unit:root", "--reason", "Not signed yet.")
    await up.okr(*restrict, env=acme)
    await head(up, "healthy")
    await up.okr("progress", objective_id, env=acme)
    noted = (await up.okr("access", env=acme)).items()
    assert (noted[0]["what"], noted[0]["subject"]) == ("read", f"objectives/{objective_id}")


async def test_a_folder_or_a_port_that_is_taken_is_named_with_the_fix(up: Up):
    second = await okr("up", "--data", str(up.folder), "--port", "0")
    assert second.code == 3
    assert "already in use" in second.err
    assert "--data" in second.err
    port = str(up.connection["url"]).rpartition(":")[2]
    taken = await okr("up", "--data", f"{up.folder}-other", "--port", port)
    assert taken.code == 2
    assert f"port {port}" in taken.err
    assert "--port" in taken.err


async def test_an_import_into_no_organisation_says_how_to_register_it(up: Up):
    refused = await up.okr(*importing(SMALL), code=1, env={"OKR_ORGANISATION": "nowhere"})
    assert "okr organisation register nowhere" in refused.err
