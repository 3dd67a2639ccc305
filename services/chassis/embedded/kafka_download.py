"""
Downloads the Java archives of Apache Kafka and prints where they lie, one path a line.

A program of its own (`python -m`), so that its libraries are loaded by the first start only, and never into a service.
"""

import sys
from pathlib import Path

import jgo
import jgo.maven

# Resolved one by one: together, the managed versions of the second would replace those of the first, and the broker
# would run with kafka-clients 3.9.1.
_ARTEFACTS = (
    "org.apache.kafka:kafka_2.13:4.3.0",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4",  # without a binding the broker logs nothing at all
)


def main() -> None:
    """Prints the paths; a download that fails ends it with a traceback."""
    jars: dict[str, Path] = {}
    for artefact in _ARTEFACTS:
        for jar in jgo.build(artefact, resolver=jgo.maven.PythonResolver()).all_jars:
            jars.setdefault(jar.name, jar)
    sys.stdout.write("".join(f"{jar}\n" for jar in jars.values()))


if __name__ == "__main__":
    main()
