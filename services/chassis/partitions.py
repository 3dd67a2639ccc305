"""
Which partition an organisation's records go to: Kafka's own rule, murmur2 of the key modulo the number of partitions.

The publisher produces whole batches, so no client library chooses for it; the projector asks which organisations are
its own. Both must agree with every other Kafka client, and a test compares this with aiokafka's.
"""

from functools import lru_cache
from typing import Final

_MASK: Final = 0xFFFFFFFF
_M: Final = 0x5BD1E995


@lru_cache(maxsize=200_000)
def partition_of(organisation: str, partitions: int) -> int:
    """The partition of *organisation* in a topic of *partitions* partitions."""
    return (murmur2(organisation.encode()) & 0x7FFFFFFF) % partitions


def murmur2(key: bytes) -> int:
    """MurmurHash2, 32 bits, with the seed of the Java client."""
    length = len(key)
    whole = length & ~3
    mixed = 0x9747B28C ^ length
    for at in range(0, whole, 4):
        word = int.from_bytes(key[at : at + 4], "little") * _M & _MASK
        word = (word ^ word >> 24) * _M & _MASK
        mixed = mixed * _M & _MASK ^ word
    if whole < length:
        mixed = (mixed ^ int.from_bytes(key[whole:], "little")) * _M & _MASK
    mixed = (mixed ^ mixed >> 13) * _M & _MASK
    return mixed ^ mixed >> 15
