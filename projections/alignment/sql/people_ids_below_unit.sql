-- The ids of a page of the people in the unit $6 or below it on day $2, known at $3, after the id $4: the people in
-- their order, each asked where their units hang. For a unit with many units below: most who are asked are in one.
SELECT p.person_id
  FROM alignment.people AS p
 WHERE p.organisation = $1 AND p.effective_on <= $2 AND p.sequence <= $3 AND p.person_id > $4
   AND EXISTS (
     WITH RECURSIVE up AS (
       SELECT m.unit_id FROM alignment.memberships AS m
        WHERE m.organisation = $1 AND m.person_id = p.person_id AND m.effective_on <= $2 AND m.sequence <= $3
          AND NOT m.has_left
          AND NOT alignment.has_left_since($1, m.person_id, m.unit_id, m.effective_on, m.sequence, $2, $3)
       UNION
       SELECT alignment.unit_parent($1, up.unit_id, $2, $3)
         FROM up
        WHERE up.unit_id IS NOT NULL
     )
     SELECT 1 FROM up
      WHERE up.unit_id = $6
   )
 ORDER BY p.person_id
 LIMIT $5
