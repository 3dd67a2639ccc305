-- What a figure counts, on day $2 known at $3, by kind and id, beyond ($10, $11, $12), at most $13: only with outcome
-- $4, in cycle $5, unit $6, department $7, layer $8, of kind $9, each where it is not null.
WITH units AS MATERIALIZED (
  SELECT u.unit_id, u.layer, coalesce(u.department_id, u.unit_id) AS department_id
    FROM programme_health.units_on($1, $2, $3) AS u
)

SELECT listed.kind, listed.id, listed.place, listed.cycle_id, listed.outcome, listed.counted, listed.measure,
       listed.detail
  FROM (
    SELECT m.*, row_number() OVER (PARTITION BY m.kind, m.id ORDER BY m.outcome, m.detail::text) AS place
      FROM programme_health.the_figure($1, $2, $3) AS m
     WHERE ($4::text IS NULL OR m.outcome = $4)
       AND ($5::text IS NULL OR m.cycle_id = $5)
       AND ($6::text IS NULL OR $6 = any(m.unit_ids))
       AND (
         $7::text IS NULL
       OR m.unit_ids && (SELECT array_agg(units.unit_id) FROM units
         WHERE units.department_id = $7)
       )
       AND (
         $8::integer IS NULL
       OR m.unit_ids && (SELECT array_agg(units.unit_id) FROM units
         WHERE units.layer = $8)
       )
       AND ($9::text IS NULL OR m.kind = $9)
  ) AS listed
 WHERE (listed.kind, listed.id, listed.place) > ($10, $11, $12::bigint)
 ORDER BY listed.kind COLLATE "C", listed.id COLLATE "C", listed.place
 LIMIT $13
