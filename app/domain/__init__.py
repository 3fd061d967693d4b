"""Rules of the city: values in, values out, standard library only."""
