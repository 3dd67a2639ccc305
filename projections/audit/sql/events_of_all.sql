-- At most $8 events of organisation $1 after sequence $2 and up to $3, oldest first, with their exact bytes; those of
-- type $4, by actor $5 / $6 (or on behalf of $6) and with all the words $7, each unless it is null.
SELECT a.sequence, a.changes, a.earlier_words, e.entry, e.data, e.text AS words
  FROM audit.events AS a
  JOIN ledger.events AS e ON e.organisation = a.organisation AND e.sequence = a.sequence
 WHERE a.organisation = $1 AND a.sequence > $2 AND a.sequence <= $3
   -- Said of both tables, so that both are read from there on and no further.
   AND e.organisation = $1 AND e.sequence > $2 AND e.sequence <= $3
   AND ($4::text IS NULL OR a.type = $4)
   AND ($5::text IS NULL OR a.actor_kind = $5)
   AND ($6::text IS NULL OR a.actor_id = $6 OR a.on_behalf_of = $6)
   AND NOT EXISTS (
     SELECT FROM unnest($7::text []) AS wanted (word)
      WHERE NOT EXISTS (
        SELECT FROM jsonb_each_text(convert_from(e.text, 'UTF8')::jsonb) AS said (field, words)
         WHERE said.field <> 'import_source_digest' AND strpos(lower(said.words), lower(wanted.word)) > 0
      )
   )
 ORDER BY a.sequence
 LIMIT $8
