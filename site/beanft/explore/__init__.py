"""Look at a dataset: its columns, rows and charts."""

from beanft.explore import chart_views, compare_views, profile_views, row_views, views
from beanft.explore.blueprint import bp
from beanft.explore.boards import file_views, saved_views
from beanft.explore.boards import views as board_views
from beanft.explore.summaries import views as summary_views

__all__ = [
    "board_views",
    "bp",
    "chart_views",
    "compare_views",
    "file_views",
    "profile_views",
    "row_views",
    "saved_views",
    "summary_views",
    "views",
]
