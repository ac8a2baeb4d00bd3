"""What a long-running process needs: leader election, scheduling, waiting, progress, shutdown. It knows no case."""
