"""What people see of petitions: one file a page."""
