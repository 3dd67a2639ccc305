-- The units that the person $4 is in or leads on day $2, known at $3, and all units above them.
WITH RECURSIVE up AS (
  (
    SELECT m.unit_id FROM alignment.memberships AS m
     WHERE m.organisation = $1 AND m.person_id = $4 AND m.effective_on <= $2 AND m.sequence <= $3
       AND NOT m.has_left
       AND NOT alignment.has_left_since($1, m.person_id, m.unit_id, m.effective_on, m.sequence, $2, $3)
    UNION ALL
    SELECT lead.id
      FROM (
        SELECT DISTINCT ON (d.id) d.id, d.value
          FROM alignment.decisions AS d
         WHERE d.organisation = $1 AND d.kind = 'unit' AND d.what = 'lead' AND d.effective_on <= $2 AND d.sequence <= $3
         ORDER BY d.id, d.effective_on DESC, d.sequence DESC
      ) AS lead
     WHERE lead.value = $4
  )
  UNION
  SELECT alignment.unit_parent($1, up.unit_id, $2, $3) FROM up
   WHERE up.unit_id IS NOT NULL
)
SELECT up.unit_id FROM up
 WHERE up.unit_id IS NOT NULL
 ORDER BY up.unit_id
