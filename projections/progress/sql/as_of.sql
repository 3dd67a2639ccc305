-- What nodes, and everything below them, rest on: one row a node, as of a day ($4) and as known at an event ($5).
-- $2 and $3 are the kinds and ids of the nodes; null for every node of the organisation ($1).
-- $6 asks for the live numbers, $7 for the values to make numbers of.
WITH RECURSIVE below (kind, id) AS (
  SELECT
    kind,
    id
  FROM unnest($2::text [], $3::text []) AS asked (kind, id)
  UNION
  SELECT
    'objective',
    objective_id
  FROM progress.objectives
  WHERE $2::text [] IS NULL AND organisation = $1
  UNION
  SELECT
    'key_result',
    key_result_id
  FROM progress.key_results
  WHERE $2::text [] IS NULL AND organisation = $1
  UNION
  SELECT
    input.kind,
    input.id
  FROM below
  CROSS JOIN LATERAL (
    SELECT
      'key_result' AS kind,
      key_result.key_result_id AS id
    FROM progress.key_results AS key_result
    WHERE
      below.kind = 'objective'
      AND $2::text [] IS NOT NULL
      AND key_result.organisation = $1
      AND key_result.objective_id = below.id
    UNION ALL
    SELECT
      'objective',
      word.child_id
    FROM (
      SELECT DISTINCT ON (link.child_id)
        link.child_id,
        link.effect
      FROM progress.links AS link
      WHERE
        $2::text [] IS NOT NULL
        AND link.organisation = $1
        AND link.parent_kind = below.kind
        AND link.parent_id = below.id
        AND link.effective_on <= $4
        AND link.sequence <= $5
      ORDER BY link.child_id ASC, link.effective_on DESC, link.sequence DESC
    ) AS word
    INNER JOIN progress.objectives AS child
      ON
        word.child_id = child.objective_id
        AND child.organisation = $1
        AND child.created_on <= $4
        AND child.created_sequence <= $5
    WHERE word.effect IS NOT NULL
  ) AS input
)

SELECT
  below.kind,
  below.id,
  objective.objective_id,
  objective.cycle_id,
  objective.ambition,
  coalesce(key_result.created_on, objective.created_on) AS created_on,
  key_result.source,
  key_result.weight,
  key_result.cadence_days,
  roll_up.roll_up,
  roll_up.sequence AS roll_up_sequence,
  override.override,
  override.sequence AS override_sequence,
  decisions.decisions,
  ambition.ambition AS ambition_set,
  key_result.raw,
  CASE WHEN $6::boolean THEN coalesce(key_result.progress, objective.progress) END AS progress,
  coalesce(key_result.measured, objective.measured) AS measured,
  coalesce(key_result.progress, objective.computed) AS computed,
  coalesce(key_result.no_inputs, objective.no_inputs) AS no_inputs,
  definitions.definitions,
  check_ins.check_ins,
  links.links
FROM below
-- LIMIT 1 keeps these lookups lookups: a join would read the whole tables for one node.
LEFT JOIN LATERAL (
  SELECT
    added.objective_id,
    added.source,
    added.added_weight AS weight,
    added.cadence_days,
    added.created_on,
    added.raw,
    added.progress,
    added.measured,
    added.no_inputs
  FROM progress.key_results AS added
  WHERE
    below.kind = 'key_result'
    AND added.organisation = $1
    AND added.key_result_id = below.id
    AND added.created_on <= $4
    AND added.created_sequence <= $5
  ORDER BY added.key_result_id
  LIMIT 1
) AS key_result ON true
-- A key result needs its objective: an imported one may be dated before it.
CROSS JOIN LATERAL (
  SELECT
    created.objective_id,
    created.cycle_id,
    created.ambition,
    created.created_on,
    created.progress,
    created.measured,
    created.computed,
    created.no_inputs
  FROM progress.objectives AS created
  WHERE
    created.organisation = $1
    AND created.objective_id = CASE below.kind WHEN 'objective' THEN below.id ELSE key_result.objective_id END
    AND created.created_on <= $4
    AND created.created_sequence <= $5
  ORDER BY created.objective_id
  LIMIT 1
) AS objective
LEFT JOIN LATERAL (
  SELECT
    word.roll_up,
    word.sequence
  FROM progress.roll_ups AS word
  WHERE
    below.kind = 'objective'
    AND word.organisation = $1
    AND word.objective_id = below.id
    AND word.effective_on <= $4
    AND word.sequence <= $5
  ORDER BY word.effective_on DESC, word.sequence DESC
  LIMIT 1
) AS roll_up ON true
LEFT JOIN LATERAL (
  SELECT
    word.override,
    word.sequence
  FROM progress.overrides AS word
  WHERE
    below.kind = 'objective'
    AND word.organisation = $1
    AND word.objective_id = below.id
    AND word.effective_on <= $4
    AND word.sequence <= $5
  ORDER BY word.effective_on DESC, word.sequence DESC
  LIMIT 1
) AS override ON true
LEFT JOIN LATERAL (
  SELECT array_agg(row(word.what, word.value, word.sequence)) AS decisions
  FROM (
    SELECT DISTINCT ON (decision.what)
      decision.what,
      decision.value,
      decision.sequence
    FROM progress.decisions AS decision
    WHERE
      decision.organisation = $1
      AND decision.kind = below.kind
      AND decision.id = below.id
      AND decision.effective_on <= $4
      AND decision.sequence <= $5
    ORDER BY decision.what ASC, decision.effective_on DESC, decision.sequence DESC
  ) AS word
) AS decisions ON true
-- A key result is judged by the ambition of its objective.
LEFT JOIN LATERAL (
  SELECT word.value AS ambition
  FROM progress.decisions AS word
  WHERE
    word.organisation = $1
    AND word.kind = 'objective'
    AND word.id = objective.objective_id
    AND word.what = 'ambition'
    AND word.effective_on <= $4
    AND word.sequence <= $5
  ORDER BY word.effective_on DESC, word.sequence DESC
  LIMIT 1
) AS ambition ON true
LEFT JOIN LATERAL (
  SELECT
    count(*) AS words,
    min(definition.kind) AS kind,
    array_agg(row(
      definition.effective_on, definition.sequence, definition.kind, definition.unit_kind, definition.unit_code,
      definition.baseline, definition.target, definition.floor, definition.ceiling, definition.low, definition.high,
      definition.restated_value
    )) AS definitions
  FROM progress.definitions AS definition
  WHERE
    below.kind = 'key_result'
    AND definition.organisation = $1
    AND definition.key_result_id = below.id
    AND definition.effective_on <= $4
    AND definition.sequence <= $5
) AS definitions ON true
LEFT JOIN LATERAL (
  SELECT array_agg(row(
    candidate.first_sequence, candidate.sequence, candidate.effective_on, candidate.value
  )) AS check_ins
  FROM (
    SELECT
      check_in.first_sequence,
      check_in.sequence,
      check_in.effective_on,
      check_in.value
    FROM progress.check_ins AS check_in
    WHERE
      $7::boolean
      AND below.kind = 'key_result'
      AND check_in.organisation = $1
      AND check_in.key_result_id = below.id
      AND check_in.effective_on <= $4
      AND check_in.sequence <= $5
      AND (check_in.superseded_at IS NULL OR check_in.superseded_at > $5)
      AND check_in.value IS NOT NULL
      AND (definitions.words <> 1 OR (check_in.value IN ('true', 'false')) = (definitions.kind = 'achieve'))
    ORDER BY check_in.effective_on DESC, check_in.first_sequence DESC
    -- Which of them a redefinition leaves readable is for the rules to say; without one up to that day, the latest is
    -- in force of those that its kind can read: a later redefinition may have let others be dated back to before it.
    LIMIT CASE definitions.words WHEN 1 THEN 1 END
  ) AS candidate
) AS check_ins ON true
LEFT JOIN LATERAL (
  SELECT array_agg(row(
    word.child_id, word.effect, word.weight, word.share, word.acceptance, word.sequence
  )) AS links
  FROM (
    SELECT DISTINCT ON (link.child_id)
      link.child_id,
      link.effect,
      link.weight,
      link.share,
      link.acceptance,
      link.sequence
    FROM progress.links AS link
    WHERE
      link.organisation = $1
      AND link.parent_kind = below.kind
      AND link.parent_id = below.id
      AND link.effective_on <= $4
      AND link.sequence <= $5
    ORDER BY link.child_id ASC, link.effective_on DESC, link.sequence DESC
  ) AS word
  WHERE word.effect IS NOT NULL
) AS links ON true;
