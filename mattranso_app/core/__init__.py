"""Foundations that know no tool: database, rights, audit, files, jobs, live figures, notices, search, text, calendar."""
