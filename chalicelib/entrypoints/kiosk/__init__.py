"""What stands in the waiting room and what a visitor takes along: kiosk, display, the queue on a phone."""
