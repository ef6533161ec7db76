"""Every database table."""

from beanft.models.audit import AuditEvent
from beanft.models.boards import Board, SavedChart
from beanft.models.datasets import Dataset, Upload, Version
from beanft.models.experiments import Champion, Experiment, Explanation, Run, TrainedModel
from beanft.models.exports import ModelFile
from beanft.models.jobs import Job
from beanft.models.predictions import Batch
from beanft.models.tokens import ApiToken
from beanft.models.users import LoginSession, User

__all__ = [
    "ApiToken",
    "AuditEvent",
    "Batch",
    "Board",
    "Champion",
    "Dataset",
    "Experiment",
    "Explanation",
    "Job",
    "LoginSession",
    "ModelFile",
    "Run",
    "SavedChart",
    "TrainedModel",
    "Upload",
    "User",
    "Version",
]
