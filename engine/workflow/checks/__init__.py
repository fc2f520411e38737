"""What a workflow document must mean, by subject; `engine.workflow.check` is the door."""
