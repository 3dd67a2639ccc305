-- Remembers where each partition goes on: a hint for the next assignment.
INSERT INTO projections.partition_offsets AS o (projection, topic, partition, topic_id, next_offset)
SELECT $1, $2, next.partition, $3, next.next_offset
FROM unnest($4::integer [], $5::bigint []) AS next (partition, next_offset)
ORDER BY next.partition
ON CONFLICT (projection, topic, partition) DO UPDATE
  SET topic_id = excluded.topic_id, next_offset = excluded.next_offset
