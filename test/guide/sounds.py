"""The real input of the replays: one item for each file of Debian's sound-theme-freedesktop, and one for each package of
this machine's own dpkg database, in a `Sound-...` table with a global index, as an Amplify application would keep them.
"""
import base64
import hashlib
import json
import subprocess
from pathlib import Path

INDEX = "soundsByKindAndName"
SCHEMA = {
    "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in ("id", "kind", "name")],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
    "GlobalSecondaryIndexes": [{
        "IndexName": INDEX, "Projection": {"ProjectionType": "ALL"},
        "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}, {"AttributeName": "name", "KeyType": "RANGE"}]}]}


def lines(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def sounds():
    for path in lines("dpkg", "-L", "sound-theme-freedesktop"):
        file = Path(path)
        item = {"id": {"S": path}, "__typename": {"S": "Sound"}, "name": {"S": file.name or "/"}}
        if file.is_file():
            data = file.read_bytes()
            item |= {"kind": {"S": "sound" if file.suffix == ".oga" else "file"}, "size": {"N": str(len(data))},
                     "sha256": {"B": base64.b64encode(hashlib.sha256(data).digest()).decode()},
                     "head": {"B": base64.b64encode(data[:256]).decode()},
                     "tags": {"SS": sorted(set(file.stem.split("-")))}}
        else:
            item |= {"kind": {"S": "folder"}, "children": {"NULL": True}}
        yield item


def packages():
    form = "${binary:Package}\\t${Version}\\t${Architecture}\\t${Installed-Size}\\t${Section}\\t${Depends}\\t${binary:Summary}\\n"
    for line in lines("dpkg-query", "-W", "-f", form):
        name, version, architecture, size, section, depends, summary = line.split("\t", 6)
        yield {"id": {"S": f"package/{name}"}, "__typename": {"S": "Package"}, "name": {"S": name}, "kind": {"S": "package"},
               "version": {"S": version}, "summary": {"S": summary}, "size": {"N": size or "0"},
               "where": {"M": {"architecture": {"S": architecture}, "section": {"S": section}}},
               "depends": {"L": [{"S": d.strip()} for d in depends.split(",") if d.strip()]}}


def items() -> dict[str, dict]:
    """Every item in DynamoDB's JSON, by its id."""
    found = {item["id"]["S"]: item for item in [*sounds(), *packages()]}
    assert len(found) > 150, "this machine has fewer packages than the replay is worth"
    return found


def damage(originals: dict[str, dict]) -> tuple[list[str], dict[str, dict]]:
    """(ids to delete, items to overwrite others with): the incident of the runbook."""
    ids = sorted(originals)
    deleted = ids[::7]
    overwritten = {i: {"id": {"S": i}, "kind": {"S": "corrupt"}, "name": {"S": "?"}, "__typename": {"S": "Sound"}}
                   for i in ids[1::9] if i not in deleted}
    return deleted, overwritten


def normal(item: dict) -> dict:
    """Sets in one order, so that items can be compared."""
    return {k: {"SS": sorted(v["SS"])} if "SS" in v else v for k, v in item.items()}


def by_kind(items_by_id: dict[str, dict]) -> dict[str, list[dict]]:
    """What the index must answer: per kind, in the order of the names."""
    found: dict[str, list[dict]] = {}
    for item in items_by_id.values():
        found.setdefault(item["kind"]["S"], []).append(item)
    for same in found.values():
        same.sort(key=lambda i: (i["name"]["S"].encode(), i["id"]["S"]))
    return found


def write_input(path: Path) -> Path:
    """The same input for a client in another language."""
    originals = items()
    deleted, overwritten = damage(originals)
    path.write_text(json.dumps({"schema": SCHEMA, "index": INDEX, "items": list(originals.values()), "deleted": deleted,
                                "overwritten": list(overwritten.values())}))
    return path
