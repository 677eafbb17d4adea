"""What the columns of a table do to the predictions of a fitted model, with intervals: `lamina.evaluation.effects`."""
