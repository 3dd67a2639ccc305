"""The alignment read model: what contributes to what, who owns it, and what hangs loose."""

from functools import partial
from pathlib import Path
from typing import Final

from projections.alignment.apply import apply
from projections.alignment.fold import HANDLES, IGNORES
from projections.read_model import Forgetful, ReadModel

READ_MODEL: Final = ReadModel(
    name="alignment",
    tables=Path(__file__).parent / "tables.sql",
    handles=HANDLES,
    ignores=IGNORES,
    applier=partial(Forgetful, apply),
)
