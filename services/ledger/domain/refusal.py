"""Refusals: the ledger's no, with the rule and what would be accepted."""

from typing import ClassVar


class Refusal(Exception):
    """
    A command breaks a rule; nothing was written.

    ``code`` is stable: clients match it, never the sentence. ``pointer`` is the JSON pointer of the field at fault,
    empty where it is none in particular. The sentence names the rule and what would be accepted.
    """

    code: ClassVar[str]

    def __init__(self, sentence: str, pointer: str = "") -> None:
        super().__init__(sentence)
        self.pointer = pointer


class SubjectUnknown(Refusal):
    """The subject that the command is addressed to does not exist."""

    code = "subject_unknown"

    def __init__(self, what: str, subject_id: str) -> None:
        super().__init__(f"There is no {what} {subject_id} in this organisation. Create it first, or check the id.")


class ReferenceUnknown(Refusal):
    """A field names something that does not exist."""

    code = "reference_unknown"

    def __init__(self, what: str, reference: str, pointer: str) -> None:
        super().__init__(
            f"There is no {what} {reference} in this organisation. Name an existing one, or create it first.", pointer
        )


class IdTaken(Refusal):
    """The id belongs to something with other content."""

    code = "id_taken"

    def __init__(self, what: str, subject_id: str, pointer: str) -> None:
        super().__init__(
            f"There is already another {what} {subject_id}."
            " Choose another id, or leave it out and the ledger makes one.",
            pointer,
        )


class ReasonMissing(Refusal):
    """The command needs a reason."""

    code = "reason_missing"

    def __init__(self, why: str) -> None:
        super().__init__(f"{why} Say why in 'reason'.", "/reason")


class VersionIsAnother(Refusal):
    """The subject is not at the version that the command expects."""

    code = "version_is_another"

    def __init__(self, subject: str, expected: int, current: int) -> None:
        super().__init__(
            f"{subject} is at version {current}, not {expected}: somebody changed it."
            f" Read it again, then send the command with the expected version {current}."
        )
        self.current_version = current
