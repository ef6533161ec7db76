"""Predict a whole file or dataset: the form, the job, its results and their downloads."""
