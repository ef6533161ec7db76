"""The search: from a question to runs, each fold in a process of its own, until the time is spent."""
