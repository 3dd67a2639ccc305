-- A page of the units that exist on day $2, known at $3, after the id $4, with their layer: the root's is 0.
WITH RECURSIVE layered AS (
  SELECT u.unit_id, 0 AS layer FROM alignment.units AS u
   WHERE u.organisation = $1 AND u.parent_id IS NULL AND u.effective_on <= $2 AND u.sequence <= $3
  UNION ALL
  SELECT u.unit_id, above.layer + 1
    FROM layered AS above
    JOIN alignment.units AS u
      ON u.organisation = $1 AND u.parent_id = above.unit_id AND u.effective_on <= $2 AND u.sequence <= $3
)
SELECT u.unit_id, u.name, u.parent_id, layered.layer,
       (
         SELECT count(DISTINCT m.person_id) FROM alignment.memberships AS m
          WHERE m.organisation = $1 AND m.unit_id = u.unit_id AND m.effective_on <= $2 AND m.sequence <= $3
       ) AS people
  FROM alignment.units AS u
  JOIN layered ON layered.unit_id = u.unit_id
 WHERE u.organisation = $1 AND u.unit_id > $4
 ORDER BY u.unit_id
 LIMIT $5
