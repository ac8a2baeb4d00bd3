"""What Casebook shows in Slack, screen by screen: values in, blocks out. Pure; it calls nothing."""
