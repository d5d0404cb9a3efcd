"""Questionnaires, answers and the rules of links."""
