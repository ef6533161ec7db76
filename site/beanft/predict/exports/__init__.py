"""Files made of a model: asked for, made by a job, downloaded."""
