"""The event scheduler for other systems: timed events, subscriptions, deliveries."""
