"""What holds for every read model of the list, also for the next one."""

import pytest

from okr_contracts.events import EVENTS
from projections import alignment
from projections.read_model import ReadModel
from projections.read_models import READ_MODELS

by_name = pytest.mark.parametrize("model", READ_MODELS, ids=lambda model: model.name)


@by_name
def test_every_event_type_is_handled_or_left_out_on_purpose(model: ReadModel):
    names = {name for name, _ in EVENTS}
    assert sorted(names - model.handles - model.ignores) == [], (
        "decide about these: handle them, or name them as ignored"
    )
    assert sorted((model.handles | model.ignores) - names) == []
    assert sorted(model.handles & model.ignores) == []


@by_name
def test_its_tables_can_be_made_in_another_schema(model: ReadModel):
    assert f"CREATE SCHEMA {model.name}" in model.ddl(model.name)
    elsewhere = model.ddl("beside")
    assert "CREATE SCHEMA beside" in elsewhere
    assert f"CREATE TABLE {model.name}." not in elsewhere
    assert f" ON {model.name}." not in elsewhere


def test_what_was_added_to_the_tables_is_made_too():
    assert "CREATE INDEX members_of_a_unit ON beside.memberships" in alignment.READ_MODEL.ddl("beside")


def test_read_models_have_names_of_their_own():
    assert len({model.name for model in READ_MODELS}) == len(READ_MODELS)
