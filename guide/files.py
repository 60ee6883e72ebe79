"""Changing files of the project: all of them, or none."""

import os
from collections.abc import Mapping
from pathlib import Path


def replace(files: Mapping[Path, str | None]) -> None:
    """Write each file, or remove it if there is no text.

    Raises OSError if that fails; every file is then as it was.
    """
    texts = {path: text for path, text in files.items() if text is not None}
    written = {path: path.with_name(f"{path.name}.new") for path in texts}
    there = {path: path.read_bytes() for path in files if path.exists()}
    try:
        for path, new in written.items():
            new.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(texts[path])
        _apply(files, written)
    except OSError:
        for path in files:
            _restore(path, there.get(path))
        raise
    finally:
        for new in written.values():
            new.unlink(missing_ok=True)


def _apply(files: Mapping[Path, str | None], written: Mapping[Path, Path]) -> None:
    for path, new in written.items():
        os.replace(new, path)
    for path in files.keys() - written.keys():
        path.unlink(missing_ok=True)
        _remove_empty(path.parent)


def _remove_empty(folder: Path) -> None:
    while folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _restore(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
        _remove_empty(path.parent)
    elif not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
