"""The demonstration: its accounts, its dataset, a study to rate in and one that is closed."""
