"""What people are told when something asked of metrics cannot be done."""

from sts_qa.catalogue.errors import CatalogueRefused


class OtherMetricsRunning(CatalogueRefused):
    """Metrics of the dataset are being computed with other choices than those asked for."""
