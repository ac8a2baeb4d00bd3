"""Results of long comparisons and checks, in one shape for both doors. It does not know how they were found."""
