-- The cycles of an organisation ($1) that are known at an event ($2), in the order of their ids; what was decided about
-- them is that of a day ($3).
SELECT
  cycle.cycle_id,
  cycle.name,
  cycle.starts_on,
  cycle.ends_on,
  cycle.parent_id,
  cycle.rule_version,
  cycle.thresholds,
  cycle.planned_on,
  cycle.planned_sequence,
  cycle.opened_on,
  cycle.opened_sequence,
  (
    SELECT decision.value
    FROM progress.decisions AS decision
    WHERE
      decision.organisation = $1
      AND decision.kind = 'cycle'
      AND decision.id = cycle.cycle_id
      AND decision.what = 'revision'
      AND decision.sequence <= $2
      AND decision.effective_on <= $3
    ORDER BY decision.effective_on DESC, decision.sequence DESC
    LIMIT 1
  ) AS revision,
  (
    SELECT decision.value
    FROM progress.decisions AS decision
    WHERE
      decision.organisation = $1
      AND decision.kind = 'cycle'
      AND decision.id = cycle.cycle_id
      AND decision.what = 'state'
      AND decision.sequence <= $2
      AND decision.effective_on <= $3
    ORDER BY decision.effective_on DESC, decision.sequence DESC
    LIMIT 1
  ) AS state
FROM progress.cycles AS cycle
WHERE cycle.organisation = $1 AND cycle.planned_sequence <= $2
ORDER BY cycle.cycle_id;
