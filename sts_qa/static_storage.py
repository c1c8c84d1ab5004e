"""Static files under names with their content's hash, scripts and styles of large pages joined."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

from sts_qa.join_files import join_modules, join_styles
from sts_qa.page_files import PAGES, joined_script, joined_style


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Rewrites ES module imports too, so that a browser never mixes two versions.

    A browser asks for six files at a time: page by page, sixty modules took it ten round trips.
    """

    support_js_module_import_aggregation = True

    @property
    def serves_joined_files(self) -> bool:
        """Whether pages may name joined files: while developing, there is nothing collected."""
        return not settings.DEBUG

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        """Join what belongs together; then hash and compress all files, the joined ones too."""
        if not dry_run:
            paths = {**paths, **self._join(paths)}
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _join(self, paths: dict[str, Any]) -> dict[str, Any]:
        """Write the joined files; return them as collected files are named."""

        def read(name: str) -> str:
            if name not in paths:
                raise FileNotFoundError(f"There is no {name} in the static folders.")
            storage, path = paths[name]
            with storage.open(path) as file:
                return str(file.read().decode("utf-8"))

        joined = {}
        for page, files in PAGES.items():
            for name, text in (
                (joined_style(page), join_styles(files.styles, read)),
                (joined_script(page), join_modules(files.scripts, read)),
            ):
                self.delete(name)
                self._save(name, ContentFile(text.encode()))
                joined[name] = (self, name)
        return joined
