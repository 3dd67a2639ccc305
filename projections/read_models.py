"""
The list of read models: the one line outside its own folder that a read model needs.

What a read model *is* stands in read_model.py, which the read models import; this module imports them.
"""

from typing import Final

from projections import alignment, audit, programme_health, progress
from projections.read_model import ReadModel

READ_MODELS: Final[tuple[ReadModel, ...]] = (
    progress.READ_MODEL,
    alignment.READ_MODEL,
    audit.READ_MODEL,
    programme_health.READ_MODEL,
)
