-- The ids of a page of the people in any of the units $6 on day $2, known at $3, after the id $4. Each unit brings at
-- most one page, whatever its size.
SELECT DISTINCT member.person_id
  FROM unnest($6::text []) AS wanted (unit_id)
 CROSS JOIN LATERAL (
   SELECT DISTINCT m.person_id
     FROM alignment.memberships AS m
    WHERE m.organisation = $1 AND m.unit_id = wanted.unit_id AND m.person_id > $4
      AND m.effective_on <= $2 AND m.sequence <= $3 AND NOT m.has_left
      AND NOT alignment.has_left_since($1, m.person_id, m.unit_id, m.effective_on, m.sequence, $2, $3)
      AND EXISTS (
        SELECT 1 FROM alignment.people AS p
         WHERE p.organisation = $1 AND p.person_id = m.person_id AND p.effective_on <= $2 AND p.sequence <= $3
      )
    ORDER BY m.person_id
    LIMIT $5
 ) AS member
 ORDER BY member.person_id
 LIMIT $5
