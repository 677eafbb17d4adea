"""How much each input contributed to one prediction. One method a file; :func:`attribute` is the way in."""
