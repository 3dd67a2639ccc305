-- The grades of nodes ($2 kinds, $3 ids) of an organisation ($1), as of a day ($4) and as known at an event ($5);
-- those of one node in the order of their days.
SELECT
  grade.kind,
  grade.id,
  grade.effective_on,
  grade.sequence,
  grade.grade,
  grade.proposed,
  grade.reflection,
  grade.reason,
  grade.corrected,
  grade.actor_kind,
  grade.actor_id,
  grade.recorded_at
FROM unnest($2::text [], $3::text []) AS asked (kind, id)
INNER JOIN progress.grades AS grade
  ON
    grade.organisation = $1
    AND asked.kind = grade.kind
    AND asked.id = grade.id
    AND grade.effective_on <= $4
    AND grade.sequence <= $5
ORDER BY grade.kind, grade.id, grade.effective_on, grade.sequence;
