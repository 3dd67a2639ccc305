-- The ids of at most $8 objectives of an organisation ($1) after $7, that were there on a day ($2) as known at $3,
-- in cycle $4, owned by $6 of the kind $5; null leaves that open.
SELECT objective_id
FROM progress.objectives
WHERE
  organisation = $1
  AND created_on <= $2
  AND created_sequence <= $3
  AND ($4::text IS NULL OR cycle_id = $4)
  AND ($5::text IS NULL OR owner_kind = $5)
  AND ($6::text IS NULL OR owner_id = $6)
  AND ($7::text IS NULL OR objective_id > $7)
ORDER BY objective_id
LIMIT $8;
