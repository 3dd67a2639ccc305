"""
Stands between us and a server where the kernel cannot tell a child that its parent died.

`supervisor.py SIGNAL COMMAND…`: its standard input is a pipe whose other end only the parent holds. When that closes,
the server is asked to stop. It imports nothing of the project, so that it runs with `python -I` from wherever it lies.
"""

import os
import signal
import subprocess
import sys
import threading
from types import FrameType


def main() -> int:
    """The exit code of the server."""
    stop_signal = signal.Signals(int(sys.argv[1]))
    server: subprocess.Popen[bytes] | None = None

    def stop(_number: int, _frame: FrameType | None) -> None:
        if server is not None:
            server.send_signal(stop_signal)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    # close_fds off: the server inherits the lock that was passed to us.
    server = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, close_fds=False)
    threading.Thread(target=_stop_when_input_ends, args=(server, stop_signal), daemon=True).start()
    return server.wait()


def _stop_when_input_ends(server: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    while os.read(0, 1):
        pass
    server.send_signal(stop_signal)


if __name__ == "__main__":
    raise SystemExit(main())
