"""Look at a dataset: its columns, rows and charts."""

from beanft.explore import chart_views, profile_views, row_views, views
from beanft.explore.blueprint import bp

__all__ = ["bp", "chart_views", "profile_views", "row_views", "views"]
