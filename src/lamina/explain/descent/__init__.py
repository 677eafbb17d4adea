"""Optimisation in pictures: paths of every optimizer on any function, fits step by step, the loss around a fitted network."""
