"""The mail door: reading the inbox, reading mails, sending mails. It knows neither Slack nor database rows."""
