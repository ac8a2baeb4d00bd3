"""The book: what a case is and what happens to it. Plain synchronous Python on peewee; it knows no Slack and no mail.

case          one conversation with one customer about what they need, `open` or `closed`
customer      who the case is for: an e-mail address (lower case) or a Slack user ID
admin         somebody of the support team; everybody else is a customer
message       one thing somebody wrote, stored whole, belonging to one case
follow-up     a customer's message after another of theirs, with no admin answer in between
note          what is written about a case that the customer never sees
episode       from the moment a case is escalated until an admin answers, closes or calms it
notice        something that must be said to the outside: a row in the outbox
letter        one mail of ours, noted with its Message-ID before it is sent
ledger        one row for every item that reached us, with what became of it
door          where messages come in: Slack, mail
"""
