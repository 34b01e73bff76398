"""The locks of `requirements/`: complete, so that nothing is resolved when they are installed, and without a host."""

import ast
import os
import re
import runpy
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib import metadata
from itertools import product
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "requirements"
# A script and no part of a package.
INSTALL = runpy.run_path(str(FOLDER / "install.py"))
SETS: tuple[str, ...] = INSTALL["SETS"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PLATFORMS = (
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
)
# Micro versions above any patch release, so that a marker for an early one does not hold.
HERE: Mapping[str, str] = {name: str(value) for name, value in default_environment().items()}
ENVIRONMENTS: tuple[Mapping[str, str], ...] = tuple(
    {**HERE, **platform, "python_version": python, "python_full_version": f"{python}.99"}
    for python, platform in product(("3.11", "3.12", "3.13", "3.14"), PLATFORMS)
)
# The allowed lines of a lock: none has a host or an index.
_LINE = re.compile(r"[a-z0-9-]+==[\w.+]+(?: ; [\w.'\"<>=!() -]+)? \\|    --hash=sha256:[0-9a-f]{64}(?: \\)?")

# The requirements of one version of a distribution, or None where its metadata is not known here.
Metadata = Callable[[str, str], Sequence[Requirement] | None]


def locked(name: str) -> list[Requirement]:
    text = (FOLDER / f"{name}.txt").read_text("utf-8")
    return [Requirement(line.removesuffix(" \\")) for line in text.splitlines() if not line.startswith(" ")]


def declared(name: str) -> list[str]:
    """Return the direct requirements of a set in `pyproject.toml`: the same options as in `make lock`."""
    extras = {
        "run": ["postgres", "sentry"],
        "demo": ["postgres", "sentry", "demo"],
        "dev": list(PROJECT["project"]["optional-dependencies"]),
    }
    optional = [line for extra in extras[name] for line in PROJECT["project"]["optional-dependencies"][extra]]
    return [*PROJECT["project"]["dependencies"], *optional, *(PROJECT["dependency-groups"]["dev"] * (name == "dev"))]


def holds(requirement: Requirement, environment: Mapping[str, str], extra: str = "") -> bool:
    return requirement.marker is None or requirement.marker.evaluate({**environment, "extra": extra})


@cache
def installed(name: str, version: str) -> Sequence[Requirement] | None:
    """Return the requirements of a distribution, if exactly this version is installed here."""
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
    return [Requirement(line) for line in found.requires or ()] if found.version == version else None


def walk(
    roots: Iterable[str], lock: Iterable[Requirement], environment: Mapping[str, str], requirements_of: Metadata
) -> tuple[set[str], set[str]]:
    """Follow all requirements, including extras. Return those that the lock does not satisfy, and the required
    names.
    """
    lines = {canonicalize_name(line.name): line for line in lock if holds(line, environment)}
    excluded = {canonicalize_name(name) for name in PROJECT["tool"]["uv"]["exclude-dependencies"]}
    unsatisfied, seen = set[str](), set[tuple[str, str]]()
    waiting = [one for one in map(Requirement, roots) if holds(one, environment)]
    while waiting:
        needed = waiting.pop()
        name = canonicalize_name(needed.name)
        if name in excluded:
            continue
        if (line := lines.get(name)) is None or not needed.specifier.contains(version_of(line), prereleases=True):
            unsatisfied.add(str(needed))
            continue
        for extra in {"", *needed.extras} - {known for of, known in seen if of == name}:
            seen.add((name, extra))
            its_own = requirements_of(name, version_of(line)) or ()
            waiting.extend(one for one in its_own if holds(one, environment, extra))
    return unsatisfied, {name for name, _ in seen}


def version_of(line: Requirement) -> str:
    [pin] = line.specifier
    return pin.version


def gaps(name: str, lock: Iterable[Requirement], environments: Iterable[Mapping[str, str]] = ENVIRONMENTS) -> list[str]:
    """Return what the lock leaves unresolved, and where."""
    return [
        f"{requirement} (Python {environment['python_version']}, {environment['sys_platform']})"
        for environment in environments
        for requirement in sorted(walk(declared(name), lock, environment, installed)[0])
    ]


@pytest.mark.parametrize("name", SETS)
def test_requirements_of_locked_packages_are_locked_too(name: str) -> None:
    """On Python 3.11 to 3.14 and three platforms. The next test lists the packages with unknown requirements."""
    assert gaps(name, locked(name)) == []


def test_only_requirements_for_other_platforms_are_skipped() -> None:
    """Packages whose marker does not hold are not installed here. CI runs each of these Pythons."""
    unknown = {str(line) for line in locked("dev") if installed(line.name, version_of(line)) is None}

    assert unknown == {str(line) for line in locked("dev") if not holds(line, HERE)}


@pytest.mark.parametrize("name", SETS)
def test_every_locked_package_is_required(name: str) -> None:
    needed = set[str]()
    for environment in ENVIRONMENTS:
        needed |= walk(declared(name), locked(name), environment, installed)[1]

    assert {canonicalize_name(line.name) for line in locked(name)} == needed


def test_a_lock_missing_any_line_is_incomplete() -> None:
    lock = locked("demo")

    for line in lock:
        somewhere = next(environment for environment in ENVIRONMENTS if holds(line, environment))
        assert gaps("demo", [other for other in lock if other is not line], [somewhere]), line


@pytest.mark.parametrize(
    ("lock", "unsatisfied"),
    [
        (["coverage==7.17.3", "tomli==2.5.0"], set()),
        (["coverage==7.17.3"], {'tomli; python_version >= "3.11" and extra == "toml"'}),
        (
            ["coverage==7.17.3", "tomli==2.5.0 ; python_version < '3.11'"],
            {'tomli; python_version >= "3.11" and extra == "toml"'},
        ),
        (["coverage==7.9.1", "tomli==2.5.0"], {"coverage[toml]>=7.10.6"}),
        (["tomli==2.5.0"], {"coverage[toml]>=7.10.6"}),
    ],
    ids=["complete", "without the extra's need", "for other Pythons only", "too old", "without the requirement itself"],
)
def test_a_missing_requirement_is_found(lock: list[str], unsatisfied: set[str]) -> None:
    requirements = {
        "pytest-cov": [Requirement("coverage[toml]>=7.10.6")],
        "coverage": [
            Requirement('tomli; python_version >= "3.11" and extra == "toml"'),
            Requirement('absent; extra == "other"'),
        ],
    }
    lines = [Requirement(line) for line in ["pytest-cov==7.1.0", *lock]]

    found, _ = walk(["pytest-cov"], lines, ENVIRONMENTS[0], lambda name, _: requirements.get(name))

    assert found == unsatisfied


def test_the_larger_sets_contain_the_smaller_ones() -> None:
    run, demo, dev = ((FOLDER / f"{name}.txt").read_text("utf-8").replace(" \\\n    ", " ") for name in SETS)

    assert set(run.splitlines()) < set(demo.splitlines()) < set(dev.splitlines())


def test_uv_is_locked_alone_and_as_declared() -> None:
    [uv] = locked("uv")
    [wanted] = map(Requirement, PROJECT["dependency-groups"]["setup"])

    assert uv.name == wanted.name
    assert version_of(uv) in wanted.specifier


@pytest.mark.parametrize("name", [*SETS, "uv"])
def test_a_lock_has_hashes_and_no_hosts(name: str) -> None:
    lines = (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()

    assert [line for line in lines if not _LINE.fullmatch(line)] == []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        assert following.startswith("    --hash") == line.endswith("\\"), line


def test_no_registry_host_is_named() -> None:
    assert [path.name for path in FOLDER.glob("*.*") if "://" in path.read_text("utf-8")] == []


def test_an_old_python_can_parse_the_installer() -> None:
    """Python 3.6, so that it prints a sentence instead of a syntax error."""
    ast.parse((FOLDER / "install.py").read_text("utf-8"), feature_version=(3, 6))


def test_installed_packages_are_not_installed_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    (tmp_path / "installed").write_text(f"demo {INSTALL['fingerprint_of']('demo', tmp_path)}", "utf-8")

    assert INSTALL["main"](["run", "--venv", str(tmp_path)]) == 0
    assert INSTALL["main"](["demo", "--venv", str(tmp_path)]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.slow
def test_an_unreachable_registry_is_one_sentence(tmp_path: Path) -> None:
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:1/simple", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
    command = [sys.executable, str(FOLDER / "install.py"), "run", "--venv", str(tmp_path / "venv")]
    others = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}

    done = subprocess.run(command, env={**others, **nowhere}, capture_output=True, text=True, check=False)  # noqa: S603

    assert done.returncode == 1
    assert done.stdout == "Installing Fastwatch's libraries, about 20 seconds...\n"
    assert re.fullmatch(r"The package registry cannot be reached\. .* Details: \S+install\.log\n", done.stderr)


@pytest.mark.parametrize(
    ("printed", "sentence"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "The disk is full"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "The hash of a downloaded file does not match",
        ),
        ("error: Failed to fetch\n  Caused by: dns error: failed to lookup address", "The package registry cannot be"),
        (
            "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]",
            "The package registry's certificate",
        ),
        (
            "The virtual environment was not created successfully because ensurepip is not available.",
            "This Python has no venv module",
        ),
        ("ERROR: No matching distribution found for uv==0.13.9", "One of the libraries has no build"),
        ("error: unheard of", "The libraries could not be installed"),
    ],
)
def test_each_cause_has_its_own_sentence(printed: str, sentence: str) -> None:
    assert INSTALL["InstallError"](printed).sentence.startswith(sentence)
