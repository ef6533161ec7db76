"""What is done with whole tables: take one in, queue its prediction, look at and delete what came of it."""

from beanft.predict.batches.services.making import (
    create_batch,
    create_from_dataset,
    create_from_upload,
    find_version,
    fits,
    job_arguments,
    retry,
    versions_to_choose,
)
from beanft.predict.batches.services.results import (
    delete_batch,
    find_predictions,
    has_results,
    is_training_table,
    list_all,
    list_batches,
    original_path,
    predictions_path,
    store_result,
)
from beanft.predict.batches.services.workbook import (
    ask_workbook,
    why_no_workbook,
    workbook_arguments,
    workbook_job,
    workbook_path,
)

__all__ = [
    "ask_workbook",
    "create_batch",
    "create_from_dataset",
    "create_from_upload",
    "delete_batch",
    "find_predictions",
    "find_version",
    "fits",
    "has_results",
    "is_training_table",
    "job_arguments",
    "list_all",
    "list_batches",
    "original_path",
    "predictions_path",
    "retry",
    "store_result",
    "versions_to_choose",
    "why_no_workbook",
    "workbook_arguments",
    "workbook_job",
    "workbook_path",
]
