"""What a network has learnt: its weights, its units, its regions, and the shapes that it is built from."""
