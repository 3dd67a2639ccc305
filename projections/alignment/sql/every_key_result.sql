-- Every key result that exists, with its objective, on day $2, known at $3, and whether it was dropped.
SELECT k.key_result_id, k.objective_id, k.source, coalesce(weight.value::numeric, k.weight) AS weight,
       ended.value AS ended
  FROM alignment.key_results AS k
  JOIN alignment.objectives AS o
    ON o.organisation = $1 AND o.objective_id = k.objective_id AND o.effective_on <= $2 AND o.sequence <= $3
  LEFT JOIN LATERAL (
    SELECT d.value FROM alignment.decisions AS d
     WHERE d.organisation = $1 AND d.kind = 'key_result' AND d.id = k.key_result_id AND d.what = 'weight'
       AND d.effective_on <= $2 AND d.sequence <= $3
     ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
  ) AS weight ON true
  LEFT JOIN LATERAL (
    SELECT d.value FROM alignment.decisions AS d
     WHERE d.organisation = $1 AND d.kind = 'key_result' AND d.id = k.key_result_id AND d.what = 'ended'
       AND d.effective_on <= $2 AND d.sequence <= $3
     ORDER BY d.effective_on DESC, d.sequence DESC LIMIT 1
  ) AS ended ON true
 WHERE k.organisation = $1 AND k.effective_on <= $2 AND k.sequence <= $3
 ORDER BY k.key_result_id
