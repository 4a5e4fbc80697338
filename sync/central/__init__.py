"""The network's own catalogue: stateless API over SQLAlchemy, and its client."""
