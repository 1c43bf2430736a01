"""What outlives a run: runs and their accounts, items and their events, decisions, gate results."""
