"""What Slack sends, read into values. Pure; it calls nothing and knows no database."""
