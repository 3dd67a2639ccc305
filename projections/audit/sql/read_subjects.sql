-- The newest state of the subjects asked for. Two arrays of the same length: a subject each.
SELECT s.organisation, s.subject, s.fields, s.words
  FROM unnest($1::text [], $2::text []) AS asked (organisation, subject)
  JOIN audit.subjects AS s ON s.organisation = asked.organisation AND s.subject = asked.subject
