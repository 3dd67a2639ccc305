"""
Ids that an import gives: the same rows get the same ids, on another day and on another machine.

A subject's id derives from (import name, record id), a command's from (import name, record id, field).
"""

import hashlib
import json
import re
import uuid
from typing import Final

_COMMANDS: Final = uuid.UUID("6f6b722d-6c65-5467-8572-2d696d706f72")
_READABLE: Final = re.compile(r"[A-Za-z0-9-]{1,40}_[A-Za-z0-9-]{1,20}")


def subject_id(import_name: str, record: str) -> str:
    """
    The id of what becomes of a record: ``fy21-q1_K16`` where both parts are short and plain, else a hash of them.

    The ``_`` stands nowhere else in a readable id, so that no two pairs share one.
    """
    readable = f"{import_name}_{record}"
    return readable if _READABLE.fullmatch(readable) else f"x_{fingerprint(import_name, record)[:40]}_x"


def command_id(import_name: str, record: str, field: str) -> str:
    """The id of the command that carries one field of a record."""
    return str(uuid.uuid5(_COMMANDS, json.dumps([import_name, record, field])))


def fingerprint(*content: str) -> str:
    """SHA-256 of the texts in their order, in hexadecimal."""
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
