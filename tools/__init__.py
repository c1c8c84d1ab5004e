"""Programs for the people who work on STS-QA."""
