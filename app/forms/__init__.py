"""Forms: what was typed becomes a command or the answers of a task."""
