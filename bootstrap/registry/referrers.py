"""The referrers tag schema: how a registry without the referrers API is told what refers to what.

OCI distribution specification 1.1, "Referrers Tag Schema": an index with the tag `sha256-HEX` lists
the manifests whose subject has that digest. Clients keep it up to date themselves.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from bootstrap.registry.media import INDEX


def subject_of(manifest: bytes) -> str:
    """The digest that a manifest says it is about, or empty."""
    subject = json.loads(manifest).get("subject") or {}
    return str(subject.get("digest", ""))


def tag_of(digest: str) -> str:
    """The tag of the index that lists what refers to a digest."""
    return digest.replace(":", "-", 1)


def with_referrer(index: bytes | None, manifest: bytes, media_type: str) -> bytes | None:
    """The index with a manifest in it, or None where it is in there already.

    index is None where there is none yet. Raises ValueError where it is no index.
    """
    listed = json.loads(index) if index else {"schemaVersion": 2, "mediaType": INDEX}
    if not isinstance(listed, dict) or not isinstance(listed.setdefault("manifests", []), list):
        raise ValueError("no index")  # noqa: TRY004 - as json.loads has it for what is no JSON
    entry = _descriptor(manifest, media_type)
    if any(other.get("digest") == entry["digest"] for other in listed["manifests"]):
        return None
    listed["manifests"].append(entry)
    return json.dumps(listed, sort_keys=True).encode()


def _descriptor(manifest: bytes, media_type: str) -> dict[str, Any]:
    said = json.loads(manifest)
    kind = said.get("artifactType") or (said.get("config") or {}).get("mediaType")
    return {
        "mediaType": media_type,
        "digest": f"sha256:{hashlib.sha256(manifest).hexdigest()}",
        "size": len(manifest),
        **({"artifactType": kind} if kind else {}),
        **({"annotations": said["annotations"]} if said.get("annotations") else {}),
    }
