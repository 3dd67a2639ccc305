"""The progress read model: the number of every objective and key result, live, as of any day, as known at any event."""

from pathlib import Path
from typing import Final

from projections.progress.apply import Remembering
from projections.progress.fold import HANDLES, IGNORES
from projections.read_model import ReadModel

READ_MODEL: Final = ReadModel(
    name="progress",
    tables=Path(__file__).with_name("tables.sql"),
    handles=HANDLES,
    ignores=IGNORES,
    applier=Remembering,
)
