-- What is shown of nodes ($2 kinds, $3 ids) of an organisation ($1) beside their numbers,
-- as of a day ($4) and as known at an event ($5).
SELECT
  asked.kind,
  asked.id,
  word.title,
  word.description,
  objective.top_level,
  CASE asked.kind WHEN 'objective' THEN objective.owner_kind ELSE 'person' END AS owner_kind,
  CASE asked.kind WHEN 'objective' THEN objective.owner_id ELSE responsible.person_id END AS owner_id,
  CASE asked.kind WHEN 'key_result' THEN array(
    SELECT partner.person_id
    FROM (
      SELECT DISTINCT ON (said.person_id)
        said.person_id,
        said.named
      FROM progress.partners AS said
      WHERE
        said.organisation = $1
        AND said.key_result_id = asked.id
        AND said.effective_on <= $4
        AND said.sequence <= $5
      ORDER BY said.person_id ASC, said.effective_on DESC, said.sequence DESC
    ) AS partner
    WHERE partner.named
    ORDER BY partner.person_id
  ) END AS partner_ids,
  parents.parents,
  last_check_in.last_check_in_on,
  confidence.confidence
FROM unnest($2::text [], $3::text []) AS asked (kind, id)
LEFT JOIN progress.objectives AS objective
  ON asked.kind = 'objective' AND objective.organisation = $1 AND asked.id = objective.objective_id
LEFT JOIN LATERAL (
  SELECT
    word.title,
    word.description
  FROM progress.words AS word
  WHERE
    word.organisation = $1
    AND word.kind = asked.kind
    AND word.id = asked.id
    AND word.effective_on <= $4
    AND word.sequence <= $5
  ORDER BY word.effective_on DESC, word.sequence DESC
  LIMIT 1
) AS word ON true
LEFT JOIN LATERAL (
  SELECT responsible.person_id
  FROM progress.responsible AS responsible
  WHERE
    asked.kind = 'key_result'
    AND responsible.organisation = $1
    AND responsible.key_result_id = asked.id
    AND responsible.effective_on <= $4
    AND responsible.sequence <= $5
  ORDER BY responsible.effective_on DESC, responsible.sequence DESC
  LIMIT 1
) AS responsible ON true
LEFT JOIN LATERAL (
  SELECT array_agg(
    row(link.parent_kind, link.parent_id, link.effect, link.origin, link.weight, link.share, link.acceptance)
    ORDER BY link.parent_kind, link.parent_id
  ) AS parents
  FROM (
    SELECT DISTINCT ON (link.parent_kind, link.parent_id)
      link.parent_kind,
      link.parent_id,
      link.effect,
      link.origin,
      link.weight,
      link.share,
      link.acceptance
    FROM progress.links AS link
    WHERE
      asked.kind = 'objective'
      AND link.organisation = $1
      AND link.child_id = asked.id
      AND link.effective_on <= $4
      AND link.sequence <= $5
    ORDER BY link.parent_kind ASC, link.parent_id ASC, link.effective_on DESC, link.sequence DESC
  ) AS link
  WHERE link.effect IS NOT NULL
) AS parents ON true
LEFT JOIN LATERAL (
  SELECT check_in.effective_on AS last_check_in_on
  FROM progress.check_ins AS check_in
  WHERE
    asked.kind = 'key_result'
    AND check_in.organisation = $1
    AND check_in.key_result_id = asked.id
    AND check_in.effective_on <= $4
    AND check_in.sequence <= $5
    AND (check_in.superseded_at IS NULL OR check_in.superseded_at > $5)
    AND NOT check_in.withdrawn
  ORDER BY check_in.effective_on DESC, check_in.first_sequence DESC
  LIMIT 1
) AS last_check_in ON true
LEFT JOIN LATERAL (
  SELECT check_in.confidence
  FROM progress.check_ins AS check_in
  WHERE
    asked.kind = 'key_result'
    AND check_in.organisation = $1
    AND check_in.key_result_id = asked.id
    AND check_in.effective_on <= $4
    AND check_in.sequence <= $5
    AND (check_in.superseded_at IS NULL OR check_in.superseded_at > $5)
    AND check_in.confidence IS NOT NULL
  ORDER BY check_in.effective_on DESC, check_in.first_sequence DESC
  LIMIT 1
) AS confidence ON true;
