"""Pictures that a document refers to."""

from __future__ import annotations

from pathlib import Path

from tests.export.notebooks import PNG, png
from verso.export.pictures import Pictures


def test_files_of_the_folder_and_attachments(tmp_path: Path) -> None:
    (tmp_path / "sub dir").mkdir()
    (tmp_path / "sub dir" / "p.PNG").write_bytes(png())
    pictures = Pictures(tmp_path, {"a b.png": {"image/png": PNG}, "s.svg": {"image/svg+xml": "<svg/>"}})
    data = f"data:image/png;base64,{PNG}"
    assert pictures.data_url("sub%20dir/p.PNG") == pictures.data_url("./sub dir/p.PNG?x#y") == data
    assert pictures.data_url("attachment:a%20b.png") == data
    assert pictures.data_url("attachment:s.svg") == "data:image/svg+xml,%3Csvg/%3E"
    assert pictures.data_url(data) == data


def test_nothing_else_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "notebook"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(png())
    (folder / "key.pem").write_text("secret")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "directory.png").mkdir()
    pictures = Pictures(folder, {})
    for reference in (
        *("../secret.png", "link.png", str(tmp_path / "secret.png"), (tmp_path / "secret.png").as_uri(), "key.pem"),
        *("directory.png", "missing.png", "a\0.png", "", "#x", "http://h/p.png", "//h/p.png", "attachment:none"),
    ):
        assert pictures.data_url(reference) is None, reference
    assert Pictures(None, {}).data_url("p.png") is None
