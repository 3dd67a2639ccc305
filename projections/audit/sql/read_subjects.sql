-- How the subjects asked for stood last; of a check-in that is not kept yet, what its first event changed.
-- Two arrays of the same length: a subject each.
SELECT asked.organisation, asked.subject, s.fields, s.words, first.sequence, first.changes, first.earlier_words
  FROM unnest($1::text [], $2::text []) AS asked (organisation, subject)
  LEFT JOIN audit.subjects AS s ON s.organisation = asked.organisation AND s.subject = asked.subject
  LEFT JOIN LATERAL (
    SELECT e.sequence, e.changes, e.earlier_words
      FROM audit.event_subjects AS about
      JOIN audit.events AS e ON e.organisation = about.organisation AND e.sequence = about.sequence
     WHERE s.subject IS NULL AND asked.subject LIKE 'check-ins/%'
       AND about.organisation = asked.organisation AND about.subject = asked.subject
     ORDER BY about.sequence
     LIMIT 1
  ) AS first ON true
 WHERE s.subject IS NOT NULL OR first.sequence IS NOT NULL
