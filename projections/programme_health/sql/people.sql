-- How many active people there are on day $2 known at $3, as a whole and by $4 (unit, layer or department), each once
-- in each group that they are in; with the name of a group. Only those in unit $5, department $6, layer $7.
WITH units AS MATERIALIZED (
  SELECT u.unit_id, u.layer, coalesce(u.department_id, u.unit_id) AS department_id, u.name
    FROM programme_health.units_on($1, $2, $3) AS u
),

people AS MATERIALIZED (
  SELECT p.person_id, p.unit_ids
    FROM programme_health.people_on($1, $2, $3) AS p
   WHERE p.active AND NOT p.placeholder
     AND ($5::text IS NULL OR $5 = any(p.unit_ids))
     AND (
       $6::text IS NULL
       OR p.unit_ids && (SELECT array_agg(units.unit_id) FROM units
         WHERE units.department_id = $6)
     )
     AND (
       $7::integer IS NULL
       OR p.unit_ids && (SELECT array_agg(units.unit_id) FROM units
         WHERE units.layer = $7)
     )
),

grouped AS (
  SELECT u.unit_id,
         CASE $4 WHEN 'unit' THEN u.unit_id WHEN 'layer' THEN u.layer::text WHEN 'department' THEN u.department_id END
           AS id
    FROM units AS u
),

members AS (
  SELECT grouped.id, count(DISTINCT m.person_id) AS people
    FROM grouped
    LEFT JOIN (
      SELECT people.person_id, unnest(people.unit_ids) AS unit_id FROM people
    ) AS m ON m.unit_id = grouped.unit_id
   WHERE grouped.id IS NOT NULL
   GROUP BY grouped.id
)

SELECT true AS is_total, NULL::text AS group_id, NULL::text AS name, count(*) AS people FROM people
 UNION ALL
SELECT false, members.id, CASE $4 WHEN 'layer' THEN NULL ELSE units.name END, members.people
  FROM members
  LEFT JOIN units ON units.unit_id = members.id
