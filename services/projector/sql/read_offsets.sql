-- Where partitions of this very topic go on; one of the same name that was made anew has another id.
SELECT o.partition, o.next_offset
FROM projections.partition_offsets AS o
WHERE o.projection = $1 AND o.topic = $2 AND o.topic_id = $3
