"""The alignment read model: what contributes to what, who owns it, and what hangs loose."""

from pathlib import Path
from typing import Final

from projections.alignment.apply import apply
from projections.alignment.fold import HANDLES, IGNORES
from projections.read_model import ReadModel

READ_MODEL: Final = ReadModel(
    name="alignment",
    tables=Path(__file__).parent / "tables.sql",
    added=(Path(__file__).parent / "directory_indexes.sql",),
    handles=HANDLES,
    ignores=IGNORES,
    apply=apply,
)
