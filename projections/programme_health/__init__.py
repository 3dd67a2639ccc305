"""The programme health read model: whether the programme itself works, each figure with the list behind it."""

from functools import partial
from pathlib import Path
from typing import Final

from projections.programme_health.apply import apply
from projections.programme_health.figure import FIGURES
from projections.programme_health.fold import HANDLES, IGNORES
from projections.read_model import Forgetful, ReadModel

_FOLDER: Final = Path(__file__).parent

READ_MODEL: Final = ReadModel(
    name="programme_health",
    tables=_FOLDER / "tables.sql",
    added=(_FOLDER / "functions.sql", *(_FOLDER / "figures" / f"{name}.sql" for name in FIGURES)),
    handles=HANDLES,
    ignores=IGNORES,
    applier=partial(Forgetful, apply),
)
