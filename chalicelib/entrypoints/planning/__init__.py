"""How an office is set up and used: plan, hours, closing a day, the set-up as pages; and as JSON."""
