-- Every alignment that holds on day $2, known at $3.
SELECT l.child_id, l.parent_kind, l.parent_id, l.effect, l.origin, l.weight, l.share, l.drawn_by
  FROM (
    SELECT DISTINCT ON (child_id, parent_kind, parent_id) *
      FROM alignment.links
     WHERE organisation = $1 AND effective_on <= $2 AND sequence <= $3
     ORDER BY child_id, parent_kind, parent_id, effective_on DESC, sequence DESC
  ) AS l
 WHERE l.linked
 ORDER BY l.child_id, l.parent_kind, l.parent_id
