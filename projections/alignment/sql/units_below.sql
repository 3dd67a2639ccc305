-- The unit $2 and the units below it, $3 of them at most; units never move.
WITH RECURSIVE below AS (
  SELECT $2::text COLLATE "C" AS unit_id
  UNION ALL
  SELECT under.unit_id
    FROM below
   CROSS JOIN LATERAL (
     SELECT u.unit_id FROM alignment.units AS u
      WHERE u.organisation = $1 AND u.parent_id = below.unit_id
     -- Looked up for each unit: otherwise it would be planned to read all units.
     OFFSET 0 -- noqa: AM09
   ) AS under
)
-- Any of them do, and an order would find all of them first.
SELECT below.unit_id FROM below LIMIT $3 -- noqa: AM09
