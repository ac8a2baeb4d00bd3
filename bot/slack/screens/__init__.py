"""What Slack shows of Casebook, screen by screen: values in, blocks out. Pure; it calls nothing."""
