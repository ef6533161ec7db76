"""What a time budget buys: small fits, what a run costs by them, and how many end in time."""
