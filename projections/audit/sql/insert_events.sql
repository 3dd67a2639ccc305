-- Adds events; a text for each column, its values parted by the unit separator. An empty on_behalf_of is none.
INSERT INTO audit.events (
  organisation, sequence, type, actor_kind, actor_id, on_behalf_of, changes, earlier_words
)
SELECT * FROM unnest(
  string_to_array($1, E'\x1f'), string_to_array($2, E'\x1f')::bigint [],
  string_to_array($3, E'\x1f'), string_to_array($4, E'\x1f'), string_to_array($5, E'\x1f'),
  string_to_array($6, E'\x1f', ''), string_to_array($7, E'\x1f'), string_to_array($8, E'\x1f')
)
