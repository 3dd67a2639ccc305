"""What holds for every read model of the list, also for the next one."""

import pytest

from okr_contracts.events import EVENTS
from projections.read_model import ReadModel, in_schema
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
    tables = model.tables.read_text("utf-8")
    assert f"CREATE SCHEMA {model.name}" in tables
    elsewhere = in_schema(tables, model.name, "beside")
    assert "CREATE SCHEMA beside" in elsewhere
    assert f"CREATE TABLE {model.name}." not in elsewhere


def test_read_models_have_names_of_their_own():
    assert len({model.name for model in READ_MODELS}) == len(READ_MODELS)
