"""Predictions of whole tables: read, answered, written, summed up and handed out."""
