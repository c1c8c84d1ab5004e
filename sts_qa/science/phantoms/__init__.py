"""Images made by a seeded generator whose blur, noise, contrast and streaks are known."""
