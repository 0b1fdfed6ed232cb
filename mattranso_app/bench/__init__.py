"""Measurements with a bar, run as `./mattranso bench NAME`. Load comes from another process than the server."""
