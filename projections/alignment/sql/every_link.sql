-- Every alignment that holds on day $2, known at $3, and what the parent's owner answered where somebody has to.
SELECT l.child_id, l.parent_kind, l.parent_id, l.effect, l.origin, l.weight, l.share, l.drawn_by,
       coalesce(answer.value, CASE WHEN l.awaits THEN 'awaited' END) AS acceptance
  FROM (
    SELECT DISTINCT ON (child_id, parent_kind, parent_id) *
      FROM alignment.links
     WHERE organisation = $1 AND effective_on <= $2 AND sequence <= $3
     ORDER BY child_id, parent_kind, parent_id, effective_on DESC, sequence DESC
  ) AS l
  LEFT JOIN LATERAL (
    SELECT d.value FROM alignment.decisions AS d
     WHERE d.organisation = $1 AND d.kind = 'alignment' AND d.what = 'acceptance'
       AND d.id = l.child_id || '~' || l.parent_kind || '~' || l.parent_id
       AND d.effective_on <= $2 AND d.sequence <= $3
       AND (d.effective_on, d.sequence) > (l.effective_on, l.sequence)
     ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
  ) AS answer ON true
 WHERE l.linked
 ORDER BY l.child_id, l.parent_kind, l.parent_id
