"""Questionnaires by every way in: link, kiosk, open address, interviewer, JSON; and their preview."""
