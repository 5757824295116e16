"""Where results are kept: JSON files that say when and by which machine they were made."""

import json
import sys
import time
from pathlib import Path

import machine

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = ROOT / "target" / "peers"

# What there is: a file for each of the commands, `run`, `growth` and `cost`.
PEERS = TARGET / "results.json"
GROWTH = TARGET / "growth.json"
COST = TARGET / "cost.json"


def save(path, **results):
    """Writes the file as a whole, or not at all."""
    now = time.strftime("%Y-%m-%d", time.gmtime())
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"date": now, "machine": machine.describe(), **results}, indent=1)
    unfinished = path.with_name(path.name + ".new")
    unfinished.write_text(text + "\n")
    unfinished.rename(path)


def there_are():
    """The files that the commands have left."""
    paths = [path for path in (PEERS, GROWTH, COST) if path.exists()]
    return paths or sys.exit(f"there are no results in {TARGET}")


def load(paths):
    """What the files have; they must be by one machine."""
    files = []
    for path in paths:
        try:
            files.append(json.loads(Path(path).read_text()))
            by = files[-1]["machine"]
        except (OSError, ValueError, TypeError, KeyError) as error:
            sys.exit(f"{path} has no results: {error!r}")
        for name, value in files[0]["machine"].items():
            if by.get(name) != value:
                sys.exit(f"{path} is by another machine than {paths[0]}: {name} is {by.get(name)}")
    return files
