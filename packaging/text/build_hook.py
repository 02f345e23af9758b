"""Build `cleaner-news-text` from the code and the metadata of `cleaner-news`, so that nothing is written twice.

In the repository both are two folders up; in the source distribution they lie beside this file, under `whole/`.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

HERE = Path(__file__).parent
PACKED = HERE / "whole"
WHOLE = PACKED if PACKED.is_dir() else HERE.parent.parent
SAME = ("version", "requires-python", "keywords", "classifiers", "scripts", "license")


def whole() -> dict[str, Any]:
    """Read the pyproject.toml of the whole."""
    return tomllib.loads((WHOLE / "pyproject.toml").read_text(encoding="utf-8"))


def key(requirement: str) -> str:
    """Return the name of a requirement as package indexes compare it."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, f"{requirement!r} names no package"
    return re.sub(r"[-_.]+", "-", found[0]).lower()


class Metadata(MetadataHookInterface):
    """Take the metadata of the whole, less the requirements and extras that `config` leaves out."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Fill in what pyproject.toml calls dynamic; a name left out that is no requirement is an error."""
        project = whole()["project"]
        without = {key(name) for name in self.config["without"]}
        if unknown := without - {key(one) for one in project["dependencies"]}:
            raise ValueError(
                f"{', '.join(sorted(unknown))}: no requirement of {WHOLE / 'pyproject.toml'}; see `without`"
            )
        metadata.update({name: project[name] for name in SAME})
        metadata["dependencies"] = [one for one in project["dependencies"] if key(one) not in without]
        extras = {**project["optional-dependencies"], **self.config["extras"]}
        metadata["optional-dependencies"] = {
            name: needed for name, needed in extras.items() if name not in self.config["without-extras"]
        }


class Files(BuildHookInterface[Any]):
    """Put the package of the whole into a wheel, and all that makes it into a source distribution."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files."""
        wheel = whole()["tool"]["hatch"]["build"]["targets"]["wheel"]
        packed = {**{name: name for name in wheel["packages"]}, **wheel["force-include"]}
        if self.target_name == "sdist":
            names = (*packed, "pyproject.toml", "LICENSE")
            build_data["force_include"] = {str(WHOLE / name): f"whole/{name}" for name in names}
        else:
            build_data["force_include"] = {str(WHOLE / source): target for source, target in packed.items()}
        if self.target_name == "wheel":
            build_data.setdefault("extra_metadata", {})[str(WHOLE / "LICENSE")] = "LICENSE"
