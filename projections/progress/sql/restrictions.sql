-- The objectives of an organisation ($1) that are restricted on a day ($2), as known now: their readers, their owner,
-- and who answers for their key results. Of those in $3, of which the readers are known from elsewhere, the rest.
SELECT
  restricted.id AS objective_id,
  restricted.readers,
  coalesce(owner.value, objective.owner_kind || '/' || objective.owner_id) AS owner,
  array(
    SELECT key_result.key_result_id
    FROM progress.key_results AS key_result
    WHERE key_result.organisation = $1 AND key_result.objective_id = restricted.id
    ORDER BY key_result.key_result_id
  ) AS key_result_ids,
  array(
    SELECT answering.person_id
    FROM progress.key_results AS key_result
    CROSS JOIN LATERAL (
      (
        SELECT responsible.person_id
        FROM progress.responsible AS responsible
        WHERE
          responsible.organisation = $1
          AND responsible.key_result_id = key_result.key_result_id
          AND responsible.effective_on <= $2
        ORDER BY responsible.effective_on DESC, responsible.sequence DESC
        LIMIT 1
      )
      UNION ALL
      SELECT partner.person_id
      FROM (
        SELECT DISTINCT ON (said.person_id)
          said.person_id,
          said.named
        FROM progress.partners AS said
        WHERE
          said.organisation = $1
          AND said.key_result_id = key_result.key_result_id
          AND said.effective_on <= $2
        ORDER BY said.person_id ASC, said.effective_on DESC, said.sequence DESC
      ) AS partner
      WHERE partner.named
    ) AS answering
    WHERE key_result.organisation = $1 AND key_result.objective_id = restricted.id
  ) AS people
FROM (
  SELECT
    decided.id,
    decided.readers
  FROM (
    SELECT DISTINCT ON (decision.id)
      decision.id,
      decision.value AS readers
    FROM progress.decisions AS decision
    WHERE
      decision.organisation = $1
      AND decision.kind = 'objective'
      AND decision.what = 'readers'
      AND decision.effective_on <= $2
    ORDER BY decision.id ASC, decision.effective_on DESC, decision.sequence DESC
  ) AS decided
  WHERE decided.readers IS NOT NULL AND decided.id != all($3::text [])
  UNION ALL
  SELECT
    newer.id,
    '[]' AS readers
  FROM unnest($3::text []) AS newer (id)
) AS restricted
INNER JOIN progress.objectives AS objective
  ON objective.organisation = $1 AND restricted.id = objective.objective_id
LEFT JOIN LATERAL (
  SELECT word.value
  FROM progress.decisions AS word
  WHERE
    word.organisation = $1
    AND word.kind = 'objective'
    AND word.id = restricted.id
    AND word.what = 'owner'
    AND word.effective_on <= $2
  ORDER BY word.effective_on DESC, word.sequence DESC
  LIMIT 1
) AS owner ON true;
