-- What the redefinitions found: the definition before and the value in force on their day, known just before them.
-- The organisations are $1, the key results $2, the sequences $3 and the days $4.
SELECT redefined.organisation, redefined.sequence, before.value AS before, reported.value AS reported
  FROM unnest($1::text [], $2::text [], $3::bigint [], $4::date [])
    AS redefined (organisation, key_result_id, sequence, effective_on)
 CROSS JOIN LATERAL (
   SELECT f.value FROM programme_health.facts AS f
    WHERE f.organisation = redefined.organisation AND f.kind = 'key_result' AND f.id = redefined.key_result_id
      AND f.what = 'definition' AND f.effective_on <= redefined.effective_on AND f.sequence < redefined.sequence
    ORDER BY f.effective_on DESC, f.sequence DESC LIMIT 1
 ) AS before
 CROSS JOIN LATERAL (
   SELECT said.value FROM (
     SELECT DISTINCT ON (c.check_in_id) c.check_in_id, c.effective_on, c.withdrawn, c.value
       FROM programme_health.check_ins AS c
      WHERE c.organisation = redefined.organisation AND c.key_result_id = redefined.key_result_id
        AND c.sequence < redefined.sequence
      ORDER BY c.check_in_id ASC, c.sequence DESC
   ) AS said
   CROSS JOIN LATERAL (
     SELECT min(c.sequence) AS sequence FROM programme_health.check_ins AS c
      WHERE c.organisation = redefined.organisation AND c.key_result_id = redefined.key_result_id
        AND c.check_in_id = said.check_in_id
   ) AS first
   WHERE NOT said.withdrawn AND said.value IS NOT NULL AND said.effective_on <= redefined.effective_on
   ORDER BY said.effective_on DESC, first.sequence DESC LIMIT 1
 ) AS reported
