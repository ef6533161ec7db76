"""Champions: the model of a dataset and target that its owner relies on, and those before it."""
