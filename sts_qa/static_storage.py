"""Static files under names with their content's hash, script imports included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Rewrites ES module imports too, so that a browser never mixes two versions."""

    support_js_module_import_aggregation = True
