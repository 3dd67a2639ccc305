-- Those of the nodes asked for that exist on day $4, known at $5. A key result needs its objective to exist too.
SELECT asked.kind, asked.id, title.title, o.owner_kind, o.owner_id, o.cycle_id
  FROM unnest($2::text [], $3::text []) AS asked (kind, id)
  JOIN alignment.objectives AS o
    ON asked.kind = 'objective' AND o.organisation = $1 AND o.objective_id = asked.id
   AND o.effective_on <= $4 AND o.sequence <= $5
  LEFT JOIN LATERAL (
    SELECT t.title FROM alignment.titles AS t
     WHERE t.organisation = $1 AND t.kind = 'objective' AND t.id = asked.id
       AND t.effective_on <= $4 AND t.sequence <= $5
     ORDER BY t.effective_on DESC, t.sequence DESC LIMIT 1
  ) AS title ON true
UNION ALL
SELECT asked.kind, asked.id, title.title, 'person', responsible.person_id, o.cycle_id
  FROM unnest($2::text [], $3::text []) AS asked (kind, id)
  JOIN alignment.key_results AS k
    ON asked.kind = 'key_result' AND k.organisation = $1 AND k.key_result_id = asked.id
   AND k.effective_on <= $4 AND k.sequence <= $5
  JOIN alignment.objectives AS o
    ON o.organisation = $1 AND o.objective_id = k.objective_id AND o.effective_on <= $4 AND o.sequence <= $5
  LEFT JOIN LATERAL (
    SELECT t.title FROM alignment.titles AS t
     WHERE t.organisation = $1 AND t.kind = 'key_result' AND t.id = asked.id
       AND t.effective_on <= $4 AND t.sequence <= $5
     ORDER BY t.effective_on DESC, t.sequence DESC LIMIT 1
  ) AS title ON true
  LEFT JOIN LATERAL (
    SELECT r.person_id FROM alignment.responsibles AS r
     WHERE r.organisation = $1 AND r.key_result_id = asked.id
       AND r.effective_on <= $4 AND r.sequence <= $5
     ORDER BY r.effective_on DESC, r.sequence DESC LIMIT 1
  ) AS responsible ON true
