"""The daily plan over the API: days, planned orders, verbs, projection, submissions, settings."""
