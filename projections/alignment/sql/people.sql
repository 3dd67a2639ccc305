-- A page of the people that exist on day $2, known at $3, after the id $4; of unit $6 alone unless it is null.
SELECT p.person_id, p.title, p.placeholder, manager.manager_id,
       coalesce(units.unit_ids, '{}') AS unit_ids, home.unit_id AS primary_unit_id
  FROM alignment.people AS p
  LEFT JOIN LATERAL (
    SELECT m.manager_id FROM alignment.managers AS m
     WHERE m.organisation = $1 AND m.person_id = p.person_id AND m.effective_on <= $2 AND m.sequence <= $3
     ORDER BY m.effective_on DESC, m.sequence DESC LIMIT 1
  ) AS manager ON true
  LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT m.unit_id) AS unit_ids FROM alignment.memberships AS m
     WHERE m.organisation = $1 AND m.person_id = p.person_id AND m.effective_on <= $2 AND m.sequence <= $3
  ) AS units ON true
  LEFT JOIN LATERAL (
    SELECT m.unit_id FROM alignment.memberships AS m
     WHERE m.organisation = $1 AND m.person_id = p.person_id AND m.effective_on <= $2 AND m.sequence <= $3
     ORDER BY m.is_primary DESC, m.effective_on DESC, m.sequence DESC LIMIT 1
  ) AS home ON true
 WHERE p.organisation = $1 AND p.effective_on <= $2 AND p.sequence <= $3 AND p.person_id > $4
   AND ($6::text IS NULL OR units.unit_ids @> ARRAY[$6::text])
 ORDER BY p.person_id
 LIMIT $5
