"""A change-data-capture poller from a PrestaShop database to Segment."""

__version__ = "0.1.0"
