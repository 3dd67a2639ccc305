-- The unit $4 and the units below it on day $2, known at $3; $5 of them at most.
WITH RECURSIVE below AS (
  SELECT $4::text COLLATE "C" AS unit_id
  UNION
  SELECT under.unit_id
    FROM below
   CROSS JOIN LATERAL (
     SELECT candidate.unit_id FROM (
       SELECT u.unit_id FROM alignment.units AS u
        WHERE u.organisation = $1 AND u.parent_id = below.unit_id
       UNION
       SELECT d.id FROM alignment.decisions AS d
        WHERE d.organisation = $1 AND d.kind = 'unit' AND d.what = 'parent' AND d.value = below.unit_id
     ) AS candidate
      WHERE alignment.unit_parent($1, candidate.unit_id, $2, $3) = below.unit_id
     -- Looked up for each unit: otherwise it would be planned to read all units.
     OFFSET 0 -- noqa: AM09
   ) AS under
)
-- Any of them do, and an order would find all of them first.
SELECT below.unit_id FROM below LIMIT $5 -- noqa: AM09
