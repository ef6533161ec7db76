"""How probabilities can be mended. Apart from the mending, so that pages need not load its libraries."""

NONE, TEMPERATURE, SIGMOID, ISOTONIC = "none", "temperature", "sigmoid", "isotonic"
