"""The programs that lie in the files made of a model, run by whoever took them away."""
