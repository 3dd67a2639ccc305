-- Adds subjects at their first event; an array for each column, all of one length, in the order of the keys.
INSERT INTO audit.subjects (organisation, subject, fields, words)
SELECT * FROM unnest($1::text [], $2::text [], $3::text [], $4::text [])
