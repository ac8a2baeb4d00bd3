"""Runs every benchmark, one after the other."""

from benchmarks.receive import main

if __name__ == "__main__":
    main()
