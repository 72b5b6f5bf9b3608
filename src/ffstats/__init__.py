"""Published estimates of ISIS foreign fighters, traced to where they were printed, checked and redrawn."""
