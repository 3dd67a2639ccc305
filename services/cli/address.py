"""Ids in the addresses of services."""

from urllib.parse import quote

from services.cli.failures import Misused


def segment(named: str) -> str:
    """
    An id as one segment of a path: whatever it contains, it leads nowhere else.

    Raises Misused for what no quoting makes a segment: nothing, and the dots that mean another folder.
    """
    if named in ("", ".", ".."):
        raise Misused(f"“{named}” is no id.", "An id has letters, digits, “_” and “-”.")
    return quote(named, safe="")
