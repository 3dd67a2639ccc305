from prometheus_client import REGISTRY

from services.projector.behind import Behind
from services.projector.observed import Lag


def told(partition: str) -> tuple[float | None, float | None]:
    labels = {"projection": "told", "partition": partition}
    return (
        REGISTRY.get_sample_value("okr_projector_lag_events", labels),
        REGISTRY.get_sample_value("okr_projector_lag_seconds", labels),
    )


def test_lag_is_the_sum_and_the_worst_of_each_partition_and_goes_back_to_nothing():
    lag = Lag("told")
    behind = [Behind("acme", 3, 1.5, 0), Behind("beta", 4, 9.0, 0), Behind("gamma", 1, 0.5, 0)]
    lag.report(behind, {"acme": "0", "beta": "0", "gamma": "2"}.__getitem__)
    assert (told("0"), told("2"), told("1")) == ((7, 9.0), (1, 0.5), (None, None))
    lag.report([Behind("gamma", 2, 0.7, 0)], lambda _: "2")
    assert (told("0"), told("2")) == ((0, 0), (2, 0.7))
