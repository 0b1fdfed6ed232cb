"""People's own data: seeing, correcting, taking away, withdrawing, having it erased; the screen of the office that must act."""
