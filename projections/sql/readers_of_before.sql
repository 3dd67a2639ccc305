-- Whether anybody still reads a snapshot in which the generation was the live one.
SELECT count(*) > 0
FROM pg_catalog.pg_stat_activity AS a
CROSS JOIN projections.generations AS g
WHERE
  g.generation = $1 AND g.left_in IS NOT NULL
  AND a.datname = current_database() AND a.pid <> pg_backend_pid()
  AND age(a.backend_xmin) >= age(g.left_in::xid)
