"""Tracing while it is off, and the variables that decide it."""

import subprocess
import sys

import pytest

from services.chassis import tracing
from services.chassis.settings import SettingsError


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "true"}, False),
    ],
)
def test_an_endpoint_switches_it_on(variables: dict[str, str], wanted: bool):
    assert tracing.configured(variables) is wanted


def test_a_protocol_that_is_not_spoken_stops_the_start():
    with pytest.raises(SettingsError, match="only http/protobuf"):
        tracing.configured({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})


def test_nothing_happens_while_it_is_off():
    with tracing.exported("okr-ledger"), tracing.span("any") as span:
        assert span is None
        assert tracing.current() is None
    tracing.done("any", f"00-{'1' * 32}-{'2' * 16}-01", 0.0, 1.0)
    tracing.done_together("any", "all", [None], 0.0)


def test_no_service_loads_it_while_it_is_off():
    services = ", ".join(f"services.{name}.main" for name in ("ledger", "publisher", "projector", "query"))
    # FastStream looks whether the package is there, and takes nothing of it.
    asked = f"import sys, {services}; sys.exit('opentelemetry.trace' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
