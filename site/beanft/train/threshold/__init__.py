"""The threshold of a two-class model: its costs, its consequences, the one that is saved; and the curves."""
