"""The audit read model: every event, who acted, and what it changed."""

from functools import partial
from pathlib import Path
from typing import Final

from projections.audit.apply import apply
from projections.audit.fold import HANDLES
from projections.read_model import Forgetful, ReadModel

READ_MODEL: Final = ReadModel(
    name="audit",
    tables=Path(__file__).parent / "tables.sql",
    handles=HANDLES,
    ignores=frozenset(),
    applier=partial(Forgetful, apply),
)
