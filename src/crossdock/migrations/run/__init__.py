"""Running a plan: the lock, the order of locks, each statement, and what is said when one fails."""
