"""What others wrote and the package carries: it is what its record says, whole, and its licences go with it."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parent.parent
VENDOR = ROOT / "vendor" / "codemirror"
STATIC = ROOT / "cleaner" / "serve" / "static"


def test_bundle_is_the_one_recorded() -> None:
    """The editor that is served is, byte for byte, the one that was built."""
    digest, name = (VENDOR / "DIGEST").read_text().split()
    assert sha256((STATIC / name).read_bytes()).hexdigest() == digest


def test_bundle_holds_the_versions_locked() -> None:
    """The licences name each package with the version that the lock pins, and the lock says by which digest it is known."""
    lock = json.loads((VENDOR / "package-lock.json").read_text())["packages"]
    versions = {path.removeprefix("node_modules/"): about["version"] for path, about in lock.items() if path}
    licences = (STATIC / "codemirror.LICENCES.txt").read_text()
    named = re.findall(r"(@?[\w/-]+) (\d+\.\d+\.\d+)(?=, |\n)", licences)
    assert {name for name, _ in named} >= {"@codemirror/view", "@codemirror/lang-yaml", "@lezer/yaml", "style-mod"}
    assert all(versions[name] == version for name, version in named)
    assert all("integrity" in about for path, about in lock.items() if path)
    wanted = json.loads((VENDOR / "package.json").read_text())
    assert all(versions[name] == version for name, version in wanted["dependencies"].items())


def test_record_leads_nowhere() -> None:
    """Neither the record nor the page names a place to fetch from."""
    texts = [path.read_text() for path in VENDOR.iterdir() if path.is_file()]
    texts += [path.read_text() for path in STATIC.iterdir() if path.suffix in (".js", ".css")]
    addresses = {address for text in texts for address in re.findall(r"https?://([\w.:-]+)", text)}
    assert addresses <= {"www.w3.org"}, "only the names of XML namespaces"
