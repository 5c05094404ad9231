"""What a belt has gone through, kept for good: jams, alarms, states and their causes."""
