"""The simple models that a network has to beat, each tuned inside the rows it is given.

`baselines` is their table; the others hold what scikit-learn has not, or not tuned, fast, or with settings to ask for.
"""
