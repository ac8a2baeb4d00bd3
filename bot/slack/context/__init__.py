"""What every listener works with: people, channels, permissions, the desk. It knows no screen."""
