-- The units $4 that exist on day $2, known at $3, with their layer (the root has 0) and how many people are in each.
-- The units above are known whenever the unit is, and never move.
SELECT u.unit_id, u.name, u.parent_id, above.layer,
       (
         SELECT count(DISTINCT m.person_id) FROM alignment.memberships AS m
          WHERE m.organisation = $1 AND m.unit_id = u.unit_id AND m.effective_on <= $2 AND m.sequence <= $3
       ) AS people
  FROM alignment.units AS u
 CROSS JOIN LATERAL (
   WITH RECURSIVE up AS (
     SELECT u.parent_id AS unit_id, 0 AS layer
     UNION ALL
     -- A look-up for each row: as a join it would be planned to read all units.
     SELECT (
              SELECT parent.parent_id FROM alignment.units AS parent
               WHERE parent.organisation = $1 AND parent.unit_id = up.unit_id
            ),
            up.layer + 1
       FROM up
      WHERE up.unit_id IS NOT NULL
   )
   SELECT max(up.layer) AS layer FROM up
 ) AS above
 WHERE u.organisation = $1 AND u.unit_id = any($4::text []) AND u.effective_on <= $2 AND u.sequence <= $3
 ORDER BY u.unit_id
