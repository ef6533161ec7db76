"""Charts as lines of pandas that give the same numbers, one module a kind."""
