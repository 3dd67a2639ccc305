-- Adds which events are about which subject; an array for each column, all of one length.
INSERT INTO audit.event_subjects (organisation, subject, sequence)
SELECT * FROM unnest($1::text [], $2::text [], $3::bigint [])
