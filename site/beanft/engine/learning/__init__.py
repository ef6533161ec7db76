"""Learning: task, split, preparation, learners, scores, reports, predictions and model files."""
