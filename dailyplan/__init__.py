"""What is due day by day: planned orders and their submission."""
