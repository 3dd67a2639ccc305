-- Every objective that exists on day $2, known at $3, with its roll-up, whether it is overridden or has ended, and the
-- unit that it is counted in: the owning unit, or the owner's primary one.
SELECT o.objective_id, o.cycle_id, owner.kind AS owner_kind, owner.id AS owner_id, title.title, roll_up.roll_up,
       coalesce(override.overridden, false) AS overridden, ended.value AS ended,
       coalesce(declared.value::boolean, o.declared_top_level) OR (root.unit_id IS NOT NULL) AS top_level,
       CASE owner.kind WHEN 'unit' THEN owner.id ELSE home.unit_id END AS unit_id
  FROM alignment.objectives AS o
  LEFT JOIN LATERAL (
    SELECT d.value FROM alignment.decisions AS d
     WHERE d.organisation = $1 AND d.kind = 'objective' AND d.id = o.objective_id AND d.what = 'owner'
       AND d.effective_on <= $2 AND d.sequence <= $3
     ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
  ) AS given ON true
  CROSS JOIN LATERAL (
    SELECT coalesce(split_part(given.value, '/', 1), o.owner_kind) AS kind,
           coalesce(split_part(given.value, '/', 2), o.owner_id) AS id
  ) AS owner
  LEFT JOIN LATERAL (
    SELECT d.value FROM alignment.decisions AS d
     WHERE d.organisation = $1 AND d.kind = 'objective' AND d.id = o.objective_id AND d.what = 'top_level'
       AND d.effective_on <= $2 AND d.sequence <= $3
     ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
  ) AS declared ON true
  LEFT JOIN LATERAL (
    SELECT d.value FROM alignment.decisions AS d
     WHERE d.organisation = $1 AND d.kind = 'objective' AND d.id = o.objective_id AND d.what = 'ended'
       AND d.effective_on <= $2 AND d.sequence <= $3
     ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
  ) AS ended ON true
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
     WHERE owner.kind = 'person' AND m.organisation = $1 AND m.person_id = owner.id
       AND m.effective_on <= $2 AND m.sequence <= $3
       AND NOT m.has_left
       AND NOT alignment.has_left_since($1, m.person_id, m.unit_id, m.effective_on, m.sequence, $2, $3)
     ORDER BY m.is_primary DESC, m.effective_on DESC, m.sequence DESC LIMIT 1
  ) AS home ON true
  LEFT JOIN alignment.units AS root
    ON root.organisation = $1 AND owner.kind = 'unit' AND root.unit_id = owner.id AND root.parent_id IS NULL
 WHERE o.organisation = $1 AND o.effective_on <= $2 AND o.sequence <= $3
 ORDER BY o.objective_id
