"""The three ways in which a command ends badly, each with an exit code of its own."""

from collections.abc import Mapping
from typing import ClassVar, cast


class Failure(Exception):
    """What happened and what to do about it; *problem* is the service's own answer where there is one."""

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, fix: str = "", problem: Mapping[str, object] | None = None) -> None:
        super().__init__(f"{what} {fix}".strip())
        self.what = what
        self.fix = fix
        self.problem = problem

    def document(self) -> Mapping[str, object]:
        """The failure as JSON, in the members of RFC 9457."""
        return self.problem or {"title": self.what, "detail": str(self)}


class Refused(Failure):
    """A service refused, or a check failed."""


class Misused(Failure):
    """The command was called with something that cannot be."""

    exit_code = 2


class Unreachable(Failure):
    """A service cannot be reached, or cannot answer now."""

    exit_code = 3


def causes(error: BaseException) -> str:
    """What went wrong in the tasks of a group, by type, without the words of the exceptions, which may be anything."""
    if isinstance(error, BaseExceptionGroup):
        inner = cast("BaseExceptionGroup[BaseException]", error).exceptions
        return ", ".join(dict.fromkeys(map(causes, inner)))
    return type(error).__name__
