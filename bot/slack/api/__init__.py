"""Calls to Slack's Web API: the client, the errors, what each answer must hold. It knows no case."""
