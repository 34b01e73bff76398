"""Install a locked set of libraries into a virtual environment: `install.py run|demo|dev [--venv .venv]`.

It needs only the standard library. Its syntax is that of Python 3.6, so that a Python that is too old for Fastwatch can
run it and print a clear error message. A set that is already installed is left unchanged.
"""

import argparse
import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OLDEST_PYTHON = (3, 11)
# Each set contains those before it.
SETS = ("run", "demo", "dev")
LOCKS = Path(__file__).resolve().parent

# pip's setting and uv's variable for it: uv reads neither pip's files nor its variables.
UV_VARIABLES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}

# What pip, uv and venv print, and what the user can do about it. The first match counts.
CAUSES = (
    (r"No space left|os error 28|Disk quota", "disk", "The disk is full. Make room, about 1 GB, and try again."),
    (
        r"DO NOT MATCH THE HASHES|Hash mismatch",
        "hash",
        "The hash of a downloaded file does not match the lock, so it was not installed. "
        "Empty the caches (pip cache purge) and try again. If the error remains, do not trust the source.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer",
        "network",
        "The package registry's certificate is not trusted here. Behind a proxy that opens TLS, "
        "set SSL_CERT_FILE and PIP_CERT to its certificate.",
    ),
    (
        r"NewConnectionError|NameResolutionError|Max retries exceeded|ProxyError|ConnectTimeout|ReadTimeout|"
        r"dns error|error sending request|tcp connect error|client error|timed out",
        "network",
        "The package registry cannot be reached. Check the network, or the proxy (HTTPS_PROXY), and try again.",
    ),
    (
        r"ensurepip|No module named '?venv",
        "venv",
        "This Python has no venv module. On Debian and Ubuntu: apt install python3-venv.",
    ),
    (
        r"Permission denied|os error 13",
        "permission",
        "A file or folder may not be written here. Check who owns this folder and the caches, and try again.",
    ),
    (
        r"No matching distribution|no wheels|No wheels|not a supported wheel|Failed to build|Failed building",
        "wheel",
        "One of the libraries has no build for this system and Python. Try another Python: make PYTHON=python3.12 ...",
    ),
)

# After these, pip would fail as uv did.
FINAL = ("disk", "hash", "permission")


class InstallError(Exception):
    """A step failed: with the cause, a sentence for people, and what the tool printed."""

    def __init__(self, output: str) -> None:
        """Find the cause in the output."""
        found = next((row for row in CAUSES if re.search(row[0], output)), None)
        self.cause = found[1] if found else "unknown"
        self.sentence = found[2] if found else "The libraries could not be installed."
        self.output = output
        super().__init__(self.sentence)


def main(arguments: "list[str] | None" = None) -> int:
    """Install the requested set unless it is installed. Return the exit status."""
    parser = argparse.ArgumentParser(description="Install Fastwatch's libraries from their locks.")
    parser.add_argument("set", choices=SETS)
    parser.add_argument("--venv", default=".venv", type=Path, help="the virtual environment (default: .venv)")
    chosen = parser.parse_args(arguments)
    if sys.version_info < OLDEST_PYTHON:
        return fail(
            "Fastwatch needs Python {}.{} or newer, and this is {}.{}. With a newer one installed, name it: "
            "make PYTHON=python3.12 ...".format(*OLDEST_PYTHON, *sys.version_info[:2])
        )
    venv = chosen.venv.resolve()
    try:
        install_if_needed(chosen.set, venv)
    except InstallError as error:
        return fail(error.sentence + kept_output(venv, error.output))
    except OSError as error:
        return fail(InstallError("{}".format(error)).sentence + " ({})".format(error))
    except KeyboardInterrupt:
        return fail("Stopped. The same command starts again.")
    return 0


def fail(sentence: str) -> int:
    """Print the error message. Return the exit status of a failure."""
    print(sentence, file=sys.stderr)
    return 1


def kept_output(venv: Path, output: str) -> str:
    """Save what a tool printed in the virtual environment. Return a sentence that says where."""
    try:
        (venv / "install.log").write_text(output, "utf-8")
    except OSError:
        return ""
    return " Details: {}".format(venv / "install.log")


def install_if_needed(name: str, venv: Path) -> None:
    """Install the set, or the larger one that was there, unless the stamp says that it is in place."""
    stamp = venv / "installed"
    there, _, fingerprint = (stamp.read_text("utf-8") if stamp.exists() else "").partition(" ")
    intact = there in SETS and fingerprint == fingerprint_of(there, venv) and python_of(venv).exists()
    if intact and SETS.index(there) >= SETS.index(name):
        return
    wanted = max(name, there, key=SETS.index) if there in SETS else name
    print("Installing Fastwatch's libraries, about 20 seconds...", flush=True)
    began = time.monotonic()
    if stamp.exists():
        stamp.unlink()
    # A smaller set of the same locks is added to. Anything else would leave what no lock names.
    if not intact:
        make_environment(venv)
    install(LOCKS / (wanted + ".txt"), venv)
    stamp.write_text("{} {}".format(wanted, fingerprint_of(wanted, venv)), "utf-8")
    print("Installed in {:.0f} seconds.".format(time.monotonic() - began), flush=True)


def fingerprint_of(name: str, venv: Path) -> str:
    """A hash of all that an installation depends on: the lock, the Python, and the folder, which scripts contain."""
    about = "\n".join([str(sys.implementation.cache_tag), sys.base_prefix, str(venv)])
    return hashlib.sha256((LOCKS / (name + ".txt")).read_bytes() + about.encode()).hexdigest()


def python_of(venv: Path) -> Path:
    """The path of the environment's Python."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make_environment(venv: Path) -> None:
    """Make the virtual environment, in place of one that is there."""
    # Emptied here and not by venv, which would follow the links in it.
    shutil.rmtree(str(venv), ignore_errors=True)
    run([sys.executable, "-m", "venv", str(venv)])


def install(lock: Path, venv: Path) -> None:
    """Install exactly what the lock names, without resolving: with uv, or with pip where uv cannot be had."""
    # pip mentions a lost connection only before it retries.
    pip = [str(python_of(venv)), "-m", "pip", "--disable-pip-version-check", "--retries", "2"]
    exactly = ["--quiet", "--no-deps", "--require-hashes", "--requirement"]
    with tempfile.TemporaryDirectory(prefix="uv-", dir=str(venv)) as folder:
        try:
            run([*pip, "install", "--no-compile", "--target", folder, *exactly, str(LOCKS / "uv.txt")])
            uv = str(Path(folder) / "bin" / "uv")
            run([uv, "pip", "install", "--python", str(python_of(venv)), *exactly, str(lock)], uv_environment(pip))
        except InstallError as error:
            # Where pip has no network, it need not try again. Where only uv has none, pip's own settings may help.
            if error.cause in FINAL or (error.cause == "network" and not any(Path(folder).iterdir())):
                raise
        else:
            return
    print("uv, which is faster, does not work here, so pip installs them: about two minutes...", flush=True)
    run([*pip, "install", "--no-compile", *exactly, str(lock)])


def uv_environment(pip: "list[str]") -> "dict[str, str]":
    """The environment for uv: pip's configured index and the like under uv's names; what is set for uv stays."""
    listed = run([*pip, "config", "list"])
    settings = {}
    for section in ("global", "install", ":env:"):
        for name, value in re.findall(r"^{}\.([\w-]+)=(.+)$".format(section), listed, re.MULTILINE):
            settings[name] = " ".join(str(ast.literal_eval(value)).split())
    settings["find-links"] = settings.get("find-links", "").replace(" ", ",")
    translated = {variable: settings[name] for name, variable in UV_VARIABLES.items() if settings.get(name)}
    # As pip does, look for a version in all indexes. The hashes say which file may be taken.
    return {"UV_INDEX_STRATEGY": "unsafe-best-match", **translated, **os.environ}


def run(command: "list[str]", environment: "dict[str, str] | None" = None) -> str:
    """Run a command; what it printed."""
    done = subprocess.run(  # noqa: S603 - the tools and arguments of this file
        command,
        check=False,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        raise InstallError(done.stdout)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
