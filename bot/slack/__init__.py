"""The Slack door and the courier that posts there. It knows neither mail nor database rows."""
