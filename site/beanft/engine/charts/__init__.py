"""Charts: a description and a table in, aggregated numbers out, then a figure that the browser draws."""
