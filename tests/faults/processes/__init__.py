"""The processes of the bot under test: started, killed and watched from outside."""
