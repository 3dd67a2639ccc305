"""What each problem of the command routes means: the text of its page."""

from typing import Final

from services.ledger.statuses import STATUSES

MEANINGS: Final[dict[str, str]] = {
    "not_json": "The body is not JSON, or JSON that readers understand differently: equal keys, NaN, broken UTF-8.",
    "too_deep": "The document is nested deeper than 16 levels.",
    "command_unknown": "There is no command of that name; the detail names the nearest one.",
    "command_id_invalid": "A command id has 1 to 64 letters, digits, underscores and hyphens.",
    "fields_invalid": "Fields are missing, of the wrong sort, out of range or unknown; 'errors' points to each.",
    "batch_size": "A batch has at most 10,000 lines, an atomic one at most 1,000.",
    "media_type": "The address reads another media type.",
    "version_invalid": 'If-Match takes the expected version of the subject in quotes, as in "3".',
    "parameter_invalid": "The address has no such parameter, or not with that value.",
    "operator_only": "Only a token for all organisations registers a new one.",
    "too_many_commands": "More commands wait than the service takes; Retry-After says when to come again.",
    "database_not_reached": "The database does not answer. Ask again in a moment.",
    "no_answer_in_time": "Whether the command was taken is not known. Repeat it with the same Idempotency-Key.",
    **{refusal.code: (refusal.__doc__ or "").strip() for refusal in STATUSES},
}
