-- Adds subjects at their first event; a text for each column, its values parted by the unit separator.
INSERT INTO audit.subjects (organisation, subject, fields, words)
SELECT * FROM unnest(
  string_to_array($1, E'\x1f'), string_to_array($2, E'\x1f'), string_to_array($3, E'\x1f'), string_to_array($4, E'\x1f')
)
