-- Keeps records that are no events, once each.
INSERT INTO projections.set_aside (projection, topic, partition, record_offset, reason, record_key, record_value)
SELECT $1, $2, r.partition, r.record_offset, r.reason, r.record_key, r.record_value
FROM unnest($3::integer [], $4::bigint [], $5::text [], $6::bytea [], $7::bytea [])
  AS r (partition, record_offset, reason, record_key, record_value)
ON CONFLICT DO NOTHING
