"""The Slack door and the courier that speaks there."""
