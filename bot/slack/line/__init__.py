"""The line to Slack: a socket that is kept open, watched and opened anew, and whether Slack takes our tokens."""
