"""Cases and everything that happens to them. Plain synchronous Python on peewee; it knows neither Slack nor email.

case          a conversation with one customer about one request, `open` or `closed`
customer      the person a case is for: an email address (lower case) or a Slack user ID
admin         a member of the support team; everybody else is a customer
message       one thing that a person wrote, stored in full, belonging to one case
follow-up     a customer's message after another customer message, with no admin answer in between
note          a message about a case that the customer never sees
episode       the time from the escalation of a case until an admin answers, closes or calms it
notice        one thing to send or update outside (a post, an email, a download): a row in the outbox
letter        an email of ours; its Message-ID is stored before it is sent
ledger        one row for every item that arrived, with its outcome
door          a way in for messages: Slack or email
"""
