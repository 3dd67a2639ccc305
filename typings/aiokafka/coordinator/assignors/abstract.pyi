from abc import ABC

class AbstractPartitionAssignor(ABC):
    name: str
