-- Those of the nodes asked for that exist on day $4, known at $5. A key result needs its objective to exist too.
SELECT asked.kind, asked.id, title.title,
       coalesce(split_part(owner.value, '/', 1), o.owner_kind) AS owner_kind,
       coalesce(split_part(owner.value, '/', 2), o.owner_id) AS owner_id,
       o.cycle_id, ended.value AS ended
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
  LEFT JOIN LATERAL (
    SELECT d.value FROM alignment.decisions AS d
     WHERE d.organisation = $1 AND d.kind = 'objective' AND d.id = o.objective_id AND d.what = 'owner'
       AND d.effective_on <= $4 AND d.sequence <= $5
     ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
  ) AS owner ON true
  LEFT JOIN LATERAL (
    SELECT d.value FROM alignment.decisions AS d
     WHERE d.organisation = $1 AND d.kind = 'objective' AND d.id = o.objective_id AND d.what = 'ended'
       AND d.effective_on <= $4 AND d.sequence <= $5
     ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
  ) AS ended ON true
UNION ALL
SELECT asked.kind, asked.id, title.title, 'person', responsible.person_id, o.cycle_id, ended.value
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
  LEFT JOIN LATERAL (
    SELECT d.value FROM alignment.decisions AS d
     WHERE d.organisation = $1 AND d.kind = 'key_result' AND d.id = k.key_result_id AND d.what = 'ended'
       AND d.effective_on <= $4 AND d.sequence <= $5
     ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
  ) AS ended ON true
