"""Operations for the operator: inspection, quarantine, outbox, outages. It decides nothing about cases."""
