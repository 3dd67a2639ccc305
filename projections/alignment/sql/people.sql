-- The people $4 who exist on day $2, known at $3: their manager, their units with the primary one first and the others
-- in the order of joining, and how many report to them.
SELECT p.person_id, CASE WHEN title.d THEN title.value ELSE p.title END AS title,
       coalesce(placeholder.value::boolean, p.placeholder) AS placeholder, coalesce(state.value, 'active') AS state,
       manager.manager_id,
       coalesce(units.unit_ids, '{}') AS unit_ids, coalesce(units.names, '{}') AS unit_names, reports.reports
  FROM alignment.people AS p
  LEFT JOIN LATERAL (
    SELECT d.value, true AS d FROM alignment.decisions AS d
     WHERE d.organisation = $1 AND d.kind = 'person' AND d.id = p.person_id AND d.what = 'title'
       AND d.effective_on <= $2 AND d.sequence <= $3
     ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
  ) AS title ON true
  LEFT JOIN LATERAL (
    SELECT d.value FROM alignment.decisions AS d
     WHERE d.organisation = $1 AND d.kind = 'person' AND d.id = p.person_id AND d.what = 'placeholder'
       AND d.effective_on <= $2 AND d.sequence <= $3
     ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
  ) AS placeholder ON true
  LEFT JOIN LATERAL (
    SELECT d.value FROM alignment.decisions AS d
     WHERE d.organisation = $1 AND d.kind = 'person' AND d.id = p.person_id AND d.what = 'state'
       AND d.effective_on <= $2 AND d.sequence <= $3
     ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
  ) AS state ON true
  LEFT JOIN LATERAL (
    SELECT m.manager_id FROM alignment.managers AS m
     WHERE m.organisation = $1 AND m.person_id = p.person_id AND m.effective_on <= $2 AND m.sequence <= $3
     ORDER BY m.effective_on DESC, m.sequence DESC LIMIT 1
  ) AS manager ON true
  LEFT JOIN LATERAL (
    SELECT m.unit_id FROM alignment.memberships AS m
     WHERE m.organisation = $1 AND m.person_id = p.person_id AND m.effective_on <= $2 AND m.sequence <= $3
       AND NOT m.has_left
       AND NOT alignment.has_left_since($1, m.person_id, m.unit_id, m.effective_on, m.sequence, $2, $3)
     ORDER BY m.is_primary DESC, m.effective_on DESC, m.sequence DESC LIMIT 1
  ) AS home ON true
  LEFT JOIN LATERAL (
    SELECT array_agg(joined.unit_id ORDER BY joined.unit_id = home.unit_id DESC, joined.sequence, joined.place)
             AS unit_ids,
           array_agg(
             coalesce(renamed.value, u.name) ORDER BY joined.unit_id = home.unit_id DESC, joined.sequence, joined.place
           ) AS names
      FROM (
        SELECT DISTINCT ON (m.unit_id) m.unit_id, m.sequence, m.place FROM alignment.memberships AS m
         WHERE m.organisation = $1 AND m.person_id = p.person_id AND m.effective_on <= $2 AND m.sequence <= $3
           AND NOT m.has_left
           AND NOT alignment.has_left_since($1, m.person_id, m.unit_id, m.effective_on, m.sequence, $2, $3)
         ORDER BY m.unit_id, m.sequence, m.place
      ) AS joined
      JOIN alignment.units AS u ON u.organisation = $1 AND u.unit_id = joined.unit_id
      LEFT JOIN LATERAL (
        SELECT d.value FROM alignment.decisions AS d
         WHERE d.organisation = $1 AND d.kind = 'unit' AND d.id = u.unit_id AND d.what = 'name'
           AND d.effective_on <= $2 AND d.sequence <= $3
         ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
      ) AS renamed ON true
  ) AS units ON true
 CROSS JOIN LATERAL (
   SELECT count(DISTINCT m.person_id) AS reports FROM alignment.managers AS m
    WHERE m.organisation = $1 AND m.manager_id = p.person_id AND m.effective_on <= $2 AND m.sequence <= $3
      AND NOT EXISTS (
        SELECT 1 FROM alignment.managers AS newer
         WHERE newer.organisation = $1 AND newer.person_id = m.person_id
           AND newer.effective_on <= $2 AND newer.sequence <= $3
           AND (newer.effective_on, newer.sequence) > (m.effective_on, m.sequence)
      )
      AND EXISTS (
        SELECT 1 FROM alignment.people AS led
         WHERE led.organisation = $1 AND led.person_id = m.person_id AND led.effective_on <= $2 AND led.sequence <= $3
      )
 ) AS reports
 WHERE p.organisation = $1 AND p.person_id = any($4::text []) AND p.effective_on <= $2 AND p.sequence <= $3
 ORDER BY p.person_id
