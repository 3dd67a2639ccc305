"""
Figures of programme health, each as the outcome of everything that it counts.

What is live is not abandoned, carried over or dropped, and its cycle is not closed. Everything holds by (effective_on,
sequence), like the rest of the plain recomputation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from tests.plain_recomputation.alignment import recompute_alignment
from tests.plain_recomputation.event import Event, Json, latest, part, read_all, word

Outcomes = dict[tuple[str, str], list[str]]
"""(kind, id) → its outcomes, in alphabetical order; only a due day comes several times for one key result."""

GRACE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Organisation:
    """The events that are known, and the day that is asked about."""

    events: Sequence[Event]
    on: date

    def newest(self, types: Sequence[str], which: Callable[[Json], bool]) -> Event | None:
        """The event of one of these types that holds on the day."""
        return latest([event for event in self.events if event.type in types and which(event.data)], self.on)

    def ids(self, made_by: str, name: str) -> list[str]:
        """What has been made by the day."""
        made = [event for event in self.events if event.type == made_by and self._is_there(event)]
        return list(dict.fromkeys(word(event.data, name) for event in made))

    def _is_there(self, event: Event) -> bool:
        """The root unit is the organisation: it was there before whatever was dated back."""
        is_root = event.type == "UnitAdded" and event.data.get("parent_id") is None
        return is_root or event.effective_on <= self.on

    def has(self, types: Sequence[str], started_by: str, **fields: object) -> bool:
        """Whether the newest of these types with these fields is the one that starts something."""
        found = self.newest(types, lambda data: all(data.get(name) == value for name, value in fields.items()))
        return found is not None and found.type == started_by

    def units_of(self, person_id: str) -> list[str]:
        """The units that somebody is in."""
        found: list[str] = []
        for unit_id in self.ids("UnitAdded", "unit_id"):

            def about(data: Json, unit_id: str = unit_id) -> bool:
                named = cast("list[str]", data.get("unit_ids") or [])
                return data.get("person_id") == person_id and (
                    unit_id in (data.get("unit_id"), data.get("primary_unit_id")) or unit_id in named
                )

            newest = self.newest(["PersonAdded", "UnitJoined", "UnitLeft"], about)
            if newest is not None and not (newest.type == "UnitLeft" and newest.data["unit_id"] == unit_id):
                found.append(unit_id)
        return found

    def is_there(self, person_id: str) -> bool:
        """Whether a person, or a placeholder, has not left."""
        types = ["PersonAdded", "PersonDeactivated", "PersonReactivated", "PersonErased"]
        state = self.newest(types, lambda data: data["person_id"] == person_id)
        return state is not None and state.type in ("PersonAdded", "PersonReactivated")

    def is_active(self, person_id: str) -> bool:
        """Whether somebody is there, and is no placeholder."""
        return self.is_there(person_id) and not self.is_placeholder(person_id)

    def is_placeholder(self, person_id: str) -> bool:
        """Whether it is a post that nobody holds."""
        found = self.newest(["PersonAdded", "PersonRevised"], lambda data: data["person_id"] == person_id)
        return found is not None and cast("bool", found.data["placeholder"])

    def people(self) -> list[str]:
        """Everybody who is active."""
        return [each for each in self.ids("PersonAdded", "person_id") if self.is_active(each)]

    def cycle(self, cycle_id: str) -> Event:
        """What the cycle is, whatever the day."""
        types = ("CyclePlanned", "CycleRevised")
        return [event for event in self.events if event.type in types and event.data["cycle_id"] == cycle_id][-1]

    def cycle_state(self, cycle_id: str) -> str:
        """Planned, open, locked or closed."""
        words = {
            "CyclePlanned": "planned",
            "CycleOpened": "open",
            "CycleLocked": "locked",
            "CycleClosed": "closed",
            "CycleReopened": "",
        }
        found = self.newest([*words], lambda data: data["cycle_id"] == cycle_id)
        if found is None:
            return "planned"
        return words[found.type] or word(found.data, "to")

    def objectives(self) -> list[str]:
        """Those that are live."""
        return [each for each in self.ids("ObjectiveCreated", "objective_id") if self._is_live(each)]

    def _is_live(self, objective_id: str) -> bool:
        ends = ["ObjectiveAbandoned", "ObjectiveCarriedOver", "ObjectiveReinstated"]
        ended = self.newest(ends, lambda data: data["objective_id"] == objective_id)
        is_over = ended is not None and ended.type != "ObjectiveReinstated"
        return not is_over and self.cycle_state(self.cycle_of(objective_id)) != "closed"

    def cycle_of(self, objective_id: str) -> str:
        """The cycle that it was created in."""
        made = self.newest(["ObjectiveCreated"], lambda data: data["objective_id"] == objective_id)
        assert made is not None
        return word(made.data, "cycle_id")

    def owner(self, objective_id: str) -> Json:
        """Who owns it."""
        types = ["ObjectiveCreated", "ObjectiveReassigned"]
        found = self.newest(types, lambda data: data["objective_id"] == objective_id)
        assert found is not None
        return part(found.data, "owner")

    def is_restricted(self, objective_id: str) -> bool:
        """Whether only some may read it."""
        return self.has(["ObjectiveRestricted", "ObjectiveOpened"], "ObjectiveRestricted", objective_id=objective_id)

    def added(self, key_result_id: str) -> Event:
        """The event that made a key result."""
        found = self.newest(["KeyResultAdded"], lambda data: data["key_result_id"] == key_result_id)
        assert found is not None
        return found

    def key_results(self) -> list[str]:
        """Those that are live."""
        live = self.objectives()
        return [
            each
            for each in self.ids("KeyResultAdded", "key_result_id")
            if word(self.added(each).data, "objective_id") in live
            and not self.has(["KeyResultDropped", "KeyResultReinstated"], "KeyResultDropped", key_result_id=each)
        ]

    def responsible(self, key_result_id: str) -> str:
        """Who answers for it."""
        types = ["KeyResultAdded", "ResponsibleAssigned"]
        found = self.newest(types, lambda data: data["key_result_id"] == key_result_id)
        assert found is not None
        return word(found.data, "person_id" if found.type == "ResponsibleAssigned" else "responsible_id")

    def partners(self, key_result_id: str) -> list[str]:
        """Its key partners."""
        found: list[str] = []
        for person_id in self.ids("PersonAdded", "person_id"):

            def about(data: Json, person_id: str = person_id) -> bool:
                named = cast("list[str]", data.get("partner_ids") or [])
                return data["key_result_id"] == key_result_id and (
                    data.get("person_id") == person_id or person_id in named
                )

            newest = self.newest(["KeyResultAdded", "KeyPartnerNamed", "KeyPartnerReleased"], about)
            if newest is not None and newest.type != "KeyPartnerReleased":
                found.append(person_id)
        return found

    def check_ins(self, key_result_id: str) -> list[tuple[date, date, bool]]:
        """For each check-in that was not taken back: its day, the day on which it was recorded, and if by an import."""
        zone = ZoneInfo(next(word(each.data, "time_zone") for each in self.events if "time_zone" in each.data))
        found: list[tuple[date, date, bool]] = []
        about = [event for event in self.events if event.data.get("key_result_id") == key_result_id]
        for first in about:
            if first.type != "CheckInRecorded":
                continue
            own = [event for event in about if event.data.get("check_in_id") == first.data["check_in_id"]]
            told = [event for event in own if event.type in ("CheckInRecorded", "CheckInCorrected")]
            if any(event.type == "CheckInWithdrawn" for event in own) or told[-1].effective_on > self.on:
                continue
            recorded = datetime.fromisoformat(first.recorded_at).astimezone(UTC).astimezone(zone).date()
            imported = told[-1].data.get("import_source") is not None
            found.append((told[-1].effective_on, recorded, imported))
        return found

    def due_days(self, key_result_id: str) -> list[tuple[date, date]]:
        """Every due day up to the day, with the first day that a check-in may be about to meet it."""
        added = self.added(key_result_id)
        cycle_id = self.cycle_of(word(added.data, "objective_id"))
        if added.data["source"] == "children" or self.cycle_state(cycle_id) not in ("open", "locked"):
            return []
        days = self.cycle(cycle_id)
        starts_on, ends_on = (date.fromisoformat(word(days.data, name)) for name in ("starts_on", "ends_on"))
        said = [
            event
            for event in self.events
            if event.type in ("KeyResultAdded", "CadenceSet")
            and event.data["key_result_id"] == key_result_id
            and event.effective_on <= self.on
        ]
        cadences = {event.effective_on: cast("int", event.data["cadence_days"]) for event in said}
        found: list[tuple[date, date]] = []
        for place, day in enumerate(sorted(cadences)):
            begins = max(day, starts_on)
            later = sorted(cadences)[place + 1 :]
            last = max(later[0], starts_on) - timedelta(days=1) if later else ends_on
            first, due = begins, begins + timedelta(days=cadences[day])
            while due <= min(last, self.on):
                found.append((first, due))
                first, due = due + timedelta(days=1), due + timedelta(days=cadences[day])
        return found


def recompute_health(events: Sequence[Json], on: date, known_at: int | None = None) -> dict[str, Outcomes]:
    """Figure → the outcomes of what it counts."""
    organisation = Organisation(read_all(events, known_at), on)
    return {
        "adoption": _adoption(organisation),
        "punctuality": _punctuality(organisation),
        "alignment_coverage": _coverage(organisation, events, known_at),
        "transparency": _transparency(organisation),
        "accountability": _accountability(organisation),
        "partnership": {
            ("key_result", each): ["with_partner" if organisation.partners(each) else "without_partner"]
            for each in organisation.key_results()
        },
        "restrictions": {
            ("objective", each): ["restricted"]
            for each in organisation.objectives()
            if organisation.is_restricted(each)
        },
    }


def _adoption(organisation: Organisation) -> Outcomes:
    key_results = organisation.key_results()
    owners = [organisation.owner(each) for each in organisation.objectives()]
    taking_part = {word(owner, "id") for owner in owners if owner["kind"] == "person"}
    taking_part |= {organisation.responsible(each) for each in key_results}
    taking_part |= {partner for each in key_results for partner in organisation.partners(each)}
    owning = {word(owner, "id") for owner in owners if owner["kind"] == "unit"}
    closed = organisation.ids("UnitClosed", "unit_id")
    units = [each for each in organisation.ids("UnitAdded", "unit_id") if each not in closed]
    return {
        **{("person", each): ["with" if each in taking_part else "without"] for each in organisation.people()},
        **{("unit", each): ["with" if each in owning else "without"] for each in units},
    }


def _punctuality(organisation: Organisation) -> Outcomes:
    found: Outcomes = {}
    for key_result_id in organisation.key_results():
        check_ins = organisation.check_ins(key_result_id)
        for first, due in organisation.due_days(key_result_id):
            within = [each for each in check_ins if first <= each[0] <= due]
            rated = [recorded for _, recorded, imported in within if not imported]
            if rated:
                outcome = "punctual" if min(rated) <= due + GRACE else "late"
            elif within:
                outcome = "not_rated"
            else:
                outcome = "missed" if due + GRACE < organisation.on else "awaited"
            found.setdefault(("key_result", key_result_id), []).append(outcome)
    return {key: sorted(outcomes) for key, outcomes in found.items()}


def _coverage(organisation: Organisation, events: Sequence[Json], known_at: int | None) -> Outcomes:
    """A top-level objective of a closed cycle is not live: what leads to it alone hangs loose."""
    alignment = recompute_alignment(events, organisation.on, known_at)
    live = organisation.objectives()
    tops = {each for each in alignment.top_level if each in live}
    found: Outcomes = {}
    for objective_id in live:
        if objective_id in tops:
            found["objective", objective_id] = ["top_level"]
            continue
        containing = _containing(organisation, organisation.cycle_of(objective_id))
        above = {key[1] for key in alignment.ancestors["objective", objective_id] if key[0] == "objective"}
        reaches = any(organisation.cycle_of(each) in containing for each in above & tops)
        found["objective", objective_id] = ["covered" if reaches else "orphan"]
    return found


def _containing(organisation: Organisation, cycle_id: str) -> list[str]:
    planned = next(each for each in organisation.events if each.subject == f"cycles/{cycle_id}")
    parent = cast("str | None", planned.data.get("parent_id"))
    return [cycle_id, *(_containing(organisation, parent) if parent else [])]


def _transparency(organisation: Organisation) -> Outcomes:
    people = organisation.people()

    def manager(person_id: str) -> object:
        types = ["PersonAdded", "ManagerChanged"]
        found = organisation.newest(types, lambda data: data["person_id"] == person_id)
        return None if found is None else found.data["manager_id"]

    leaders = {manager(each) for each in people}
    closed = organisation.ids("UnitClosed", "unit_id")
    for unit_id in organisation.ids("UnitAdded", "unit_id"):
        named = organisation.newest(["UnitLeadNamed"], lambda data, unit_id=unit_id: data["unit_id"] == unit_id)
        if named is not None and unit_id not in closed:
            leaders.add(named.data["person_id"])
    found: Outcomes = {}
    for person_id in people:
        if person_id not in leaders:
            continue
        own = [
            each
            for each in organisation.objectives()
            if organisation.owner(each) == {"kind": "person", "id": person_id}
        ]
        outcome = "none" if not own else "restricted" if any(map(organisation.is_restricted, own)) else "public"
        found["person", person_id] = [outcome]
    return found


def _accountability(organisation: Organisation) -> Outcomes:
    found: Outcomes = {}
    for key_result_id in organisation.key_results():
        responsible = organisation.responsible(key_result_id)
        who = "placeholder" if organisation.is_placeholder(responsible) else "named"
        found["key_result", key_result_id] = [who if organisation.is_there(responsible) else "vacant"]
    return found
