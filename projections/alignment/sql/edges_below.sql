-- What hangs directly on the nodes asked for, on day $4, known at $5: linked objectives, and the key results of
-- objectives. Two arrays of the same length, kinds and ids: a node each.
SELECT 'objective' AS child_kind, link.child_id, asked.kind AS parent_kind, asked.id AS parent_id,
       link.effect, link.origin, link.weight, link.share, link.sequence, link.drawn_by,
       coalesce(answer.value, CASE WHEN link.awaits THEN 'awaited' END) AS acceptance
  FROM unnest($2::text [], $3::text []) AS asked (kind, id)
 CROSS JOIN LATERAL (
   SELECT DISTINCT ON (l.child_id) l.*
     FROM alignment.links AS l
    WHERE l.organisation = $1 AND l.parent_kind = asked.kind AND l.parent_id = asked.id
      AND l.effective_on <= $4 AND l.sequence <= $5
    ORDER BY l.child_id, l.effective_on DESC, l.sequence DESC
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
SELECT 'key_result', k.key_result_id, asked.kind, asked.id, 'contributes', NULL,
       coalesce(weight.value::numeric, k.weight), 1, k.sequence, NULL, NULL
  FROM unnest($2::text [], $3::text []) AS asked (kind, id)
  JOIN alignment.key_results AS k
    ON asked.kind = 'objective' AND k.organisation = $1 AND k.objective_id = asked.id
   AND k.effective_on <= $4 AND k.sequence <= $5
  LEFT JOIN LATERAL (
    SELECT d.value FROM alignment.decisions AS d
     WHERE d.organisation = $1 AND d.kind = 'key_result' AND d.id = k.key_result_id AND d.what = 'weight'
       AND d.effective_on <= $4 AND d.sequence <= $5
     ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
  ) AS weight ON true
