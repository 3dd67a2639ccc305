"""What a look brought."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; *fix* is empty where nothing has to be done. Only ``wrong`` fails the check."""

    what: str
    verdict: Verdict
    found: str
    fix: str = ""
