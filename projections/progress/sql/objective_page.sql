-- The ids of at most $8 objectives of an organisation ($1) after $7, that were there on a day ($2) as known at $3,
-- in cycle $4, owned by $6 of the kind $5; null leaves that open.
SELECT objective.objective_id
FROM progress.objectives AS objective
WHERE
  objective.organisation = $1
  AND objective.created_on <= $2
  AND objective.created_sequence <= $3
  AND ($4::text IS NULL OR objective.cycle_id = $4)
  AND (
    $5::text IS NULL
    OR $5 || '/' || $6 = coalesce(
      (
        SELECT decision.value
        FROM progress.decisions AS decision
        WHERE
          decision.organisation = $1
          AND decision.kind = 'objective'
          AND decision.id = objective.objective_id
          AND decision.what = 'owner'
          AND decision.effective_on <= $2
          AND decision.sequence <= $3
        ORDER BY decision.effective_on DESC, decision.sequence DESC
        LIMIT 1
      ),
      objective.owner_kind || '/' || objective.owner_id
    )
  )
  AND ($7::text IS NULL OR objective.objective_id > $7)
ORDER BY objective.objective_id
LIMIT $8;
