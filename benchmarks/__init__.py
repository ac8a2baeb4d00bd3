"""What Casebook costs, as ratios; run by hand, never a timed test."""
