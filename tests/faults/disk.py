"""A small disk of its own, in memory, so that it can be filled."""

import os
import shutil
import subprocess
from pathlib import Path

_PIECE_BYTES = 1 << 20


class Disk:
    """A tmpfs at *folder* of *size_mb*; `why_not` says why there is none, and then *folder* is an ordinary one."""

    def __init__(self, folder: Path, size_mb: int) -> None:
        self.folder = folder
        self.why_not = ""
        folder.mkdir(parents=True)
        folder.chmod(0o711)
        if os.geteuid() != 0:
            self.why_not = "only root may mount a disk"
            return
        options = f"size={size_mb}m,mode=0711"
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=False, capture_output=True, text=True
        )
        if mounted.returncode:
            self.why_not = f"no disk could be mounted: {mounted.stderr.strip()}"

    def fill(self) -> int:
        """Leave no byte free; how many were."""
        free = shutil.disk_usage(self.folder).free
        with (self.folder / "ballast").open("wb", buffering=0) as ballast:
            piece = b"\1" * _PIECE_BYTES
            try:
                while True:
                    ballast.write(piece)
            except OSError:
                return free

    def empty(self) -> None:
        """Make room again."""
        (self.folder / "ballast").unlink(missing_ok=True)

    def remove(self) -> None:
        """Take it away."""
        if not self.why_not:
            subprocess.run(["umount", "-l", self.folder], check=False)
