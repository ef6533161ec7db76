"""What is said of the things that are deleted with a dataset."""

from __future__ import annotations

from flask import Flask, get_template_attribute

from beanft.uploader.versions.services import Dependents


def test_what_goes_with_a_dataset_ends_without_blanks(app: Flask) -> None:
    with app.test_request_context():
        counted = get_template_attribute("uploader/_dependents.html", "counted")
        dependents = Dependents(n_experiments=1, n_models=6, n_batches=0)
        assert str(counted(dependents)) == "1 experiment, 6 models"
