"""The report of a model: its page, its pictures, its words."""
