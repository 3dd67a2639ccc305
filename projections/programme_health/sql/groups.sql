-- A figure on day $2 known at $3, as a whole and by $4 (unit, layer, department, cycle or nothing): how many have which
-- outcome. Only what is in cycle $5, unit $6, department $7, layer $8, each where it is not null.
WITH units AS MATERIALIZED (
  SELECT u.unit_id, u.layer, coalesce(u.department_id, u.unit_id) AS department_id
    FROM programme_health.units_on($1, $2, $3) AS u
),

members AS MATERIALIZED (
  SELECT row_number() OVER () AS place, m.kind, m.cycle_id, m.unit_ids, m.outcome, m.counted, m.measure
    FROM programme_health.the_figure($1, $2, $3) AS m
   WHERE ($5::text IS NULL OR m.cycle_id = $5)
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
),

placed AS (
  SELECT true AS is_total, NULL::text AS group_id, members.place FROM members
   UNION ALL
  SELECT DISTINCT false,
         CASE $4 WHEN 'unit' THEN u.unit_id WHEN 'layer' THEN u.layer::text WHEN 'department' THEN u.department_id END,
         m.place
    FROM (SELECT members.place, unnest(members.unit_ids) AS unit_id FROM members) AS m
    JOIN units AS u ON u.unit_id = m.unit_id
   UNION ALL
  SELECT false, CASE $4 WHEN 'cycle' THEN members.cycle_id END, members.place FROM members
)

SELECT placed.is_total, placed.group_id, members.kind, members.outcome, sum(members.counted) AS counted,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY members.measure) AS median, max(members.measure) AS greatest
  FROM placed
  JOIN members ON members.place = placed.place
 WHERE placed.is_total OR placed.group_id IS NOT NULL
 GROUP BY placed.is_total, placed.group_id, members.kind, members.outcome
 ORDER BY placed.is_total DESC, placed.group_id, members.kind, members.outcome
