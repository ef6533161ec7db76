"""The definition of each score beside what it says; `metrics` lists them all."""
