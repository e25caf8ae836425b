"""Rule, fault and reaction of each mistake, held together: a phone against the server that makes it."""
