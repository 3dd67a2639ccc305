"""
The list of read models: the one line outside its own folder that a read model needs.

What a read model *is* stands in read_model.py, which the read models import; this module imports them.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Final, cast

from projections.read_model import Apply, CannotApply, Connection, ReadModel, in_schema

__all__ = ["READ_MODELS", "Apply", "CannotApply", "Connection", "ReadModel", "in_schema"]


def _those_there_are(*names: str) -> tuple[ReadModel, ...]:
    modules = [f"projections.{name}" for name in names]
    return tuple(
        cast("ReadModel", vars(import_module(module))["READ_MODEL"])
        for module in modules
        if (spec := find_spec(module)) is not None and spec.origin is not None
    )


READ_MODELS: Final[tuple[ReadModel, ...]] = _those_there_are("progress", "alignment", "audit")
