-- Every key result that exists, with its objective, on day $2, known at $3.
SELECT k.key_result_id, k.objective_id, k.source, k.weight
  FROM alignment.key_results AS k
  JOIN alignment.objectives AS o
    ON o.organisation = $1 AND o.objective_id = k.objective_id AND o.effective_on <= $2 AND o.sequence <= $3
 WHERE k.organisation = $1 AND k.effective_on <= $2 AND k.sequence <= $3
 ORDER BY k.key_result_id
