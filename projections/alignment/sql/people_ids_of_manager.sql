-- The ids of a page of the people whose manager is $6 on day $2, known at $3, after the id $4; in
-- the unit $7 alone unless it is null, or also below it if $8.
SELECT DISTINCT m.person_id
  FROM alignment.managers AS m
 WHERE m.organisation = $1 AND m.manager_id = $6 AND m.person_id > $4 AND m.effective_on <= $2 AND m.sequence <= $3
   AND NOT EXISTS (
     SELECT 1 FROM alignment.managers AS newer
      WHERE newer.organisation = $1 AND newer.person_id = m.person_id
        AND newer.effective_on <= $2 AND newer.sequence <= $3
        AND (newer.effective_on, newer.sequence) > (m.effective_on, m.sequence)
   )
   AND EXISTS (
     SELECT 1 FROM alignment.people AS p
      WHERE p.organisation = $1 AND p.person_id = m.person_id AND p.effective_on <= $2 AND p.sequence <= $3
   )
   AND (
     $7::text IS NULL
     OR EXISTS (
       WITH RECURSIVE up AS (
         SELECT joined.unit_id FROM alignment.memberships AS joined
          WHERE joined.organisation = $1 AND joined.person_id = m.person_id
            AND joined.effective_on <= $2 AND joined.sequence <= $3 AND NOT joined.has_left
            AND NOT alignment.has_left_since(
              $1, joined.person_id, joined.unit_id, joined.effective_on, joined.sequence, $2, $3
            )
         UNION
         SELECT alignment.unit_parent($1, up.unit_id, $2, $3)
           FROM up
          WHERE $8 AND up.unit_id IS NOT NULL
       )
       SELECT 1 FROM up
        WHERE up.unit_id = $7
     )
   )
 ORDER BY m.person_id
 LIMIT $5
