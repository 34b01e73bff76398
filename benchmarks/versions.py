"""The two versions that `benchmarks.table` compares: a commit in a temporary folder, and the working tree."""

import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
"""The working tree."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The folders of the two versions. Each runs its own code, with its own `benchmarks` and `tests.standins`."""

    before: Path
    after: Path = ROOT

    def __iter__(self) -> Iterator[Path]:
        """Yield them in the order in which they are measured."""
        yield self.before
        yield self.after


@contextmanager
def versions_since(commit: str) -> Iterator[Versions]:
    """Check out a commit in a temporary folder, beside the working tree. Raises CalledProcessError."""
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout  # noqa: S603, S607 - git, on the arguments of whoever runs this
    with TemporaryDirectory() as folder, tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
        yield Versions(Path(folder))


def current_commit() -> str:
    """Return the short name of the commit that is checked out, and whether the working tree differs from it."""
    described = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(described, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603 - git
