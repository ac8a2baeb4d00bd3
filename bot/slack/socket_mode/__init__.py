"""The Socket Mode connection: always open or being reopened, and acknowledging what is stored. It knows no case."""
