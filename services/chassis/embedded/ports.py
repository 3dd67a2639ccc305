"""Ports of this machine."""

import socket
from contextlib import closing

from services.chassis.embedded.failure import EmbeddedServerError

HOST = "127.0.0.1"


def choose(port: int, server: str) -> int:
    """
    *port* itself, or a free one if it is 0.

    Somebody may take it before the server does; the server's own complaint is understood too (`failure.from_log`).
    Raises EmbeddedServerError if *port* is taken.
    """
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        # As the servers themselves do: connections of a predecessor that still time out are no reason to refuse.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise EmbeddedServerError(
                f"{server} cannot have port {port}: {error.strerror}.", "Choose another port, or 0 for any free one."
            ) from error
        chosen: int = probe.getsockname()[1]
        return chosen
