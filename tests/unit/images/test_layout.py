"""An OCI image layout: names, and what nothing leads to."""

from __future__ import annotations

import json
from pathlib import Path

from bootstrap.images.layout import Descriptor, Layout, as_json
from bootstrap.registry.media import CONFIG, MANIFEST


def image(layout: Layout, word: str) -> Descriptor:
    config = layout.put(as_json({"word": word}), CONFIG)
    return layout.put(as_json({"config": config.document(), "layers": []}), MANIFEST)


def test_a_name_leads_to_one_image_and_another_stays(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    first, second = image(layout, "first"), image(layout, "second")
    layout.name(first, ("a:1", "b:1"))
    layout.name(second, ("a:1",))
    named = {
        entry["annotations"]["org.opencontainers.image.ref.name"]: entry["digest"]
        for entry in layout.images()
    }
    assert named == {"a:1": second.digest, "b:1": first.digest}
    assert json.loads((tmp_path / "oci-layout").read_bytes()) == {"imageLayoutVersion": "1.0.0"}


def test_what_no_name_leads_to_is_unreachable(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    kept, gone = image(layout, "kept"), image(layout, "gone")
    layout.name(kept, ("a:1",))
    unreachable = {path.name for path in layout.unreachable()}
    assert gone.digest.removeprefix("sha256:") in unreachable
    assert len(unreachable) == 2  # its configuration, too
    assert layout.blob(kept.digest) not in layout.unreachable()


def test_a_damaged_layout_is_an_empty_one(tmp_path: Path) -> None:
    assert Layout(tmp_path / "nowhere").unreachable() == []
    (tmp_path / "index.json").write_text("{")
    assert Layout(tmp_path).images() == []


def test_copies_are_links_and_another_layout_is_complete(tmp_path: Path) -> None:
    layout, other = Layout(tmp_path / "one"), Layout(tmp_path / "other")
    made = image(layout, "x")
    layout.copy([made.digest], other)
    assert other.blob(made.digest).samefile(layout.blob(made.digest))
    layout.copy([made.digest], other)  # again, and nothing happens
