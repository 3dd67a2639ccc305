"""What a person is told when a server cannot be started here."""

from pathlib import Path


class EmbeddedServerError(Exception):
    """A server could not be started, or has stopped: *what* happened and the *fix*, for the person who started it."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(f"{what} {fix}")
        self.what = what
        self.fix = fix


def from_log(server: str, log: Path, folder: Path) -> EmbeddedServerError:
    """The reason that the last lines of *log* give for the end of *server*, in words that say what to do."""
    tail = last_lines(log)
    if "No space left on device" in tail:
        return disk_full(server, folder)
    if "Address already in use" in tail or "could not bind" in tail:
        return EmbeddedServerError(f"{server} found its port taken by another program.", "Choose a free port, or 0.")
    return EmbeddedServerError(f"{server} stopped. Its last words: {tail or '(none)'}", f"The whole log is {log}.")


def disk_full(server: str, folder: Path) -> EmbeddedServerError:
    """The disk that holds *folder* has no room for *server*."""
    return EmbeddedServerError(
        f"{server} cannot write: the disk of {folder} is full.",
        "Free some space there, or choose another folder with --data.",
    )


def last_lines(log: Path, characters: int = 2000) -> str:
    """The end of *log*, or the empty string if there is none yet."""
    try:
        return log.read_text(errors="replace")[-characters:].strip()
    except FileNotFoundError:
        return ""
