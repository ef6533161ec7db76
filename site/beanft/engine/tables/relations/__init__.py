"""How columns go together, two by two, each measure with its interval."""
