"""The kernels' library: what it is built from, where it lies, and how it is built. Standard library only."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from functools import cache
from pathlib import Path

_PROJECT = Path(__file__).resolve().parents[3]
_NATIVE = Path(__file__).resolve().parent / "native"


@cache
def _declared() -> tuple[str, ...]:
    """The compiler's flags, as pyproject.toml declares them."""
    table = tomllib.loads((_PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    return tuple(table["tool"]["deltarad"]["kernels"]["flags"])


def _files(pattern: str) -> list[Path]:
    return sorted(_NATIVE.glob(pattern))


@cache
def source_digest() -> str:
    """SHA-256 (hex) over sources and flags: libraries of one digest give the same numbers."""
    told = hashlib.sha256(" ".join(_declared()).encode())
    for file in _files("*.[ch]"):
        told.update(f"\n{file.name}\n".encode() + file.read_bytes())
    return told.hexdigest()


def library() -> Path:
    """Where the built library of these sources lies, for this interpreter's environment and processor family."""
    name = f"kernels-{source_digest()[:20]}-{platform.machine()}.so"
    return Path(sys.prefix) / "lib" / "deltarad" / name


def is_built() -> bool:
    """Whether the library of these very sources is there."""
    return library().is_file()


def build() -> str:
    """Build the library where it is not there yet; returns an empty string, or why there is none."""
    if is_built():
        return ""
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    found = shutil.which(compiler) or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if found is None:
        return f"no C compiler was found ({compiler})"
    target = library()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            part = Path(folder) / target.name
            refused = compile_to(part, found)
            if refused:
                return refused
            part.replace(target)
    except OSError as error:
        return str(error)
    return ""


def compile_to(target: Path, compiler: str, extra: tuple[str, ...] = ()) -> str:
    """Compile the kernels into one shared library; returns an empty string, or the compiler's own words."""
    command = [compiler, *_declared(), *extra, "-o", str(target), *map(str, _files("*.c")), "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"{compiler} refused: {done.stderr.strip()[:500]}"
