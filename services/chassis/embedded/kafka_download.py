"""
Downloads the Java archives of Apache Kafka and prints where they lie, one path a line.

A program of its own (`python -m … [FOLDER]`), so that its libraries are loaded by the first start only, and never into
a service. With FOLDER nothing that others left in the shared caches of Maven and jgo is used.
"""

import sys
from pathlib import Path

from jgo.constants import MAVEN_CENTRAL_URL, default_jgo_cache
from jgo.env import EnvironmentBuilder
from jgo.maven import MavenContext, PythonResolver

# Resolved one by one: together, the managed versions of the second would replace those of the first, and the broker
# would run with kafka-clients 3.9.1.
_ARTEFACTS = (
    "org.apache.kafka:kafka_2.13:4.3.0",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4",  # without a binding the broker logs nothing at all
)


def main() -> None:
    """Prints the paths; a download that fails ends it with a traceback."""
    private = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    context = MavenContext(
        resolver=PythonResolver(),
        repo_cache=private / "repository" if private else None,
        remote_repos={"central": MAVEN_CENTRAL_URL},
    )
    builder = EnvironmentBuilder(context, private / "environments" if private else default_jgo_cache())
    jars: dict[str, Path] = {}
    for artefact in _ARTEFACTS:
        for jar in builder.from_endpoint(artefact).all_jars:
            jars.setdefault(jar.name, jar)
    sys.stdout.write("".join(f"{jar}\n" for jar in jars.values()))


if __name__ == "__main__":
    main()
