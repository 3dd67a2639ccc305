-- What each role needs most, and does not have; and whether the login role may act as it.
WITH wanted (role_name, kind, thing, privilege) AS (
  VALUES
  ('okr_ledger', 'function', 'ledger.append_groups', 'EXECUTE'),
  ('okr_ledger', 'function', 'ledger.read_heads', 'EXECUTE'),
  ('okr_ledger', 'function', 'ledger.read_subjects', 'EXECUTE'),
  ('okr_ledger', 'function', 'ledger.read_replies', 'EXECUTE'),
  ('okr_publisher', 'table', 'ledger.heads', 'SELECT'),
  ('okr_publisher', 'table', 'ledger.events', 'SELECT'),
  ('okr_publisher', 'function', 'ledger.heads_changed_since', 'EXECUTE'),
  ('okr_publisher', 'table', 'ledger.published', 'INSERT'),
  ('okr_publisher', 'table', 'ledger.publisher_leases', 'UPDATE'),
  ('okr_projector', 'table', 'ledger.heads', 'SELECT'),
  ('okr_projector', 'table', 'ledger.events', 'SELECT'),
  ('okr_projector', 'function', 'ledger.heads_changed_since', 'EXECUTE'),
  ('okr_projector', 'table', 'projections.positions', 'UPDATE'),
  ('okr_projector', 'table', 'projections.live_generations', 'SELECT'),
  ('okr_query', 'table', 'ledger.events', 'SELECT'),
  ('okr_query', 'function', 'ledger.assigned_roles', 'EXECUTE'),
  ('okr_query', 'table', 'projections.positions', 'SELECT'),
  ('okr_query', 'table', 'projections.live_generations', 'SELECT')
),

granted AS (
  SELECT
    w.role_name,
    w.privilege || ' ON ' || CASE w.kind WHEN 'function' THEN 'FUNCTION ' ELSE '' END || w.thing AS needed,
    -- Through the catalogue: looking a name up needs a right that may be what is missing.
    r.oid IS NOT NULL AND CASE
      WHEN w.kind = 'table' THEN EXISTS (
        SELECT FROM pg_class AS t
        WHERE t.relnamespace = n.oid AND t.relname = split_part(w.thing, '.', 2)
          AND has_table_privilege(r.oid, t.oid, w.privilege)
      )
      ELSE EXISTS (
        SELECT FROM pg_proc AS f
        WHERE f.pronamespace = n.oid AND f.proname = split_part(w.thing, '.', 2)
          AND has_function_privilege(r.oid, f.oid, w.privilege)
      )
    END AS held
  FROM wanted AS w
  LEFT JOIN pg_namespace AS n ON n.nspname = split_part(w.thing, '.', 1)
  LEFT JOIN pg_roles AS r ON r.rolname = w.role_name
)

SELECT
  g.role_name,
  r.oid IS NOT NULL AS there,
  coalesce(pg_has_role(current_user, r.oid, 'MEMBER'), false) AS ours,
  coalesce(r.rolsuper OR r.rolbypassrls, false) AS sees_all,
  array_remove(array_agg(CASE WHEN g.held IS NOT TRUE THEN g.needed END ORDER BY g.needed), NULL) AS missing
FROM granted AS g
LEFT JOIN pg_roles AS r ON r.rolname = g.role_name
GROUP BY g.role_name, r.oid, r.rolsuper, r.rolbypassrls
ORDER BY g.role_name
