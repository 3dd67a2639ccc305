-- Every objective that exists on day $2, known at $3, with its roll-up, whether it is overridden, and the unit that it
-- is counted in: the owning unit, or the owner's primary one.
SELECT o.objective_id, o.cycle_id, o.owner_kind, o.owner_id, title.title, roll_up.roll_up,
       coalesce(override.overridden, false) AS overridden,
       o.declared_top_level OR (root.unit_id IS NOT NULL) AS top_level,
       CASE o.owner_kind WHEN 'unit' THEN o.owner_id ELSE home.unit_id END AS unit_id
  FROM alignment.objectives AS o
  LEFT JOIN LATERAL (
    SELECT t.title FROM alignment.titles AS t
     WHERE t.organisation = $1 AND t.kind = 'objective' AND t.id = o.objective_id
       AND t.effective_on <= $2 AND t.sequence <= $3
     ORDER BY t.effective_on DESC, t.sequence DESC LIMIT 1
  ) AS title ON true
  LEFT JOIN LATERAL (
    SELECT r.roll_up FROM alignment.roll_ups AS r
     WHERE r.organisation = $1 AND r.objective_id = o.objective_id AND r.effective_on <= $2 AND r.sequence <= $3
     ORDER BY r.effective_on DESC, r.sequence DESC LIMIT 1
  ) AS roll_up ON true
  LEFT JOIN LATERAL (
    SELECT v.overridden FROM alignment.overrides AS v
     WHERE v.organisation = $1 AND v.objective_id = o.objective_id AND v.effective_on <= $2 AND v.sequence <= $3
     ORDER BY v.effective_on DESC, v.sequence DESC LIMIT 1
  ) AS override ON true
  LEFT JOIN LATERAL (
    SELECT m.unit_id FROM alignment.memberships AS m
     WHERE o.owner_kind = 'person' AND m.organisation = $1 AND m.person_id = o.owner_id
       AND m.effective_on <= $2 AND m.sequence <= $3
     ORDER BY m.is_primary DESC, m.effective_on DESC, m.sequence DESC LIMIT 1
  ) AS home ON true
  LEFT JOIN alignment.units AS root
    ON root.organisation = $1 AND o.owner_kind = 'unit' AND root.unit_id = o.owner_id AND root.parent_id IS NULL
 WHERE o.organisation = $1 AND o.effective_on <= $2 AND o.sequence <= $3
 ORDER BY o.objective_id
