-- Adds which events are about which subject; a text for each column, its values parted by the unit separator.
INSERT INTO audit.event_subjects (organisation, subject, sequence)
SELECT * FROM unnest(
  string_to_array($1, E'\x1f'), string_to_array($2, E'\x1f'), string_to_array($3, E'\x1f')::bigint []
)
