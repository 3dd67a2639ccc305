-- The units $4 that exist on day $2, known at $3: where they hang then, with their layer (the root has 0), their lead,
-- and how many people are in each.
SELECT u.unit_id, CASE WHEN renamed.d THEN renamed.value ELSE u.name END AS name,
       alignment.unit_parent($1, u.unit_id, $2, $3) AS parent_id, above.layer, lead.value AS lead_id,
       closed.value IS NOT NULL AS closed,
       (
         SELECT count(DISTINCT m.person_id) FROM alignment.memberships AS m
          WHERE m.organisation = $1 AND m.unit_id = u.unit_id AND m.effective_on <= $2 AND m.sequence <= $3
            AND NOT m.has_left
            AND NOT alignment.has_left_since($1, m.person_id, m.unit_id, m.effective_on, m.sequence, $2, $3)
       ) AS people
  FROM alignment.units AS u
  LEFT JOIN LATERAL (
    SELECT d.value, true AS d FROM alignment.decisions AS d
     WHERE d.organisation = $1 AND d.kind = 'unit' AND d.id = u.unit_id AND d.what = 'name'
       AND d.effective_on <= $2 AND d.sequence <= $3
     ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
  ) AS renamed ON true
  LEFT JOIN LATERAL (
    SELECT d.value FROM alignment.decisions AS d
     WHERE d.organisation = $1 AND d.kind = 'unit' AND d.id = u.unit_id AND d.what = 'lead'
       AND d.effective_on <= $2 AND d.sequence <= $3
     ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
  ) AS lead ON true
  LEFT JOIN LATERAL (
    SELECT d.value FROM alignment.decisions AS d
     WHERE d.organisation = $1 AND d.kind = 'unit' AND d.id = u.unit_id AND d.what = 'closed'
       AND d.effective_on <= $2 AND d.sequence <= $3
     ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
  ) AS closed ON true
 CROSS JOIN LATERAL (
   WITH RECURSIVE up AS (
     SELECT alignment.unit_parent($1, u.unit_id, $2, $3) AS unit_id, 0 AS layer
     UNION ALL
     SELECT alignment.unit_parent($1, up.unit_id, $2, $3), up.layer + 1
       FROM up
      WHERE up.unit_id IS NOT NULL
   )
   SELECT max(up.layer) AS layer FROM up
 ) AS above
 WHERE u.organisation = $1 AND u.unit_id = any($4::text []) AND u.effective_on <= $2 AND u.sequence <= $3
 ORDER BY u.unit_id
