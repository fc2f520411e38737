"""What correct means for the engine, case by case; and the two runners of these cases."""
