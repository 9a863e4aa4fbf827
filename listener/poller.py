"""One poll of one account: next poll first, a page a transaction, a record always."""
