"""Who acts."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted: a person or a service, by opaque id, and for whom where it was on somebody's behalf."""

    kind: Literal["person", "service"]
    id: str
    on_behalf_of: str | None = None
