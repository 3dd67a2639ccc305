-- What the nodes asked for hang on directly, on day $4, known at $5: links of objectives, and each key result's own
-- objective. Two arrays of the same length, kinds and ids: a node each.
SELECT asked.kind AS child_kind, asked.id AS child_id, link.parent_kind, link.parent_id,
       link.effect, link.origin, link.weight, link.share, link.sequence, link.drawn_by,
       coalesce(answer.value, CASE WHEN link.awaits THEN 'awaited' END) AS acceptance
  FROM unnest($2::text [], $3::text []) AS asked (kind, id)
 CROSS JOIN LATERAL (
   SELECT DISTINCT ON (l.parent_kind, l.parent_id) l.*
     FROM alignment.links AS l
    WHERE asked.kind = 'objective' AND l.organisation = $1 AND l.child_id = asked.id
      AND l.effective_on <= $4 AND l.sequence <= $5
    ORDER BY l.parent_kind, l.parent_id, l.effective_on DESC, l.sequence DESC
 ) AS link
  LEFT JOIN LATERAL (
    SELECT d.value FROM alignment.decisions AS d
     WHERE d.organisation = $1 AND d.kind = 'alignment' AND d.what = 'acceptance'
       AND d.id = link.child_id || '~' || link.parent_kind || '~' || link.parent_id
       AND d.effective_on <= $4 AND d.sequence <= $5
       AND (d.effective_on, d.sequence) > (link.effective_on, link.sequence)
     ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
  ) AS answer ON true
 WHERE link.linked
UNION ALL
SELECT asked.kind, asked.id, 'objective', k.objective_id, 'contributes', NULL,
       coalesce(weight.value::numeric, k.weight), 1, k.sequence, NULL, NULL
  FROM unnest($2::text [], $3::text []) AS asked (kind, id)
  JOIN alignment.key_results AS k
    ON asked.kind = 'key_result' AND k.organisation = $1 AND k.key_result_id = asked.id
   AND k.effective_on <= $4 AND k.sequence <= $5
  LEFT JOIN LATERAL (
    SELECT d.value FROM alignment.decisions AS d
     WHERE d.organisation = $1 AND d.kind = 'key_result' AND d.id = k.key_result_id AND d.what = 'weight'
       AND d.effective_on <= $4 AND d.sequence <= $5
     ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
  ) AS weight ON true
