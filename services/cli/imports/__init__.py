"""Imports: what becomes of rows that others wrote. Reading and planning are pure; `send` alone talks to a service."""
