"""Fitted models as they answer: the same bits for a row alone or among others, and one row at once."""
