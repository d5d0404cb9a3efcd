"""What error pages say, by the error's code: what happened, what is safe, what to do. Danish, as all page texts."""

from __future__ import annotations

from typing import Final

ERROR_TEXTS: Final = {
    "error": ("Noget gik galt hos os", "Prøv igen om lidt. Intet af det, du har sendt, er gået halvt igennem."),
    "not_found": ("Siden findes ikke", "Adressen er forkert, eller også er siden fjernet. Tjek linket i din besked."),
    "link_expired": ("Linket er udløbet", "Du kan ikke længere bruge linket. Du behøver ikke gøre noget."),
    "gone": ("Det findes ikke mere", "Oplysningerne er slettet."),
    "already_answered": ("Du har allerede svaret", "Tak. Vi har dit svar, og du behøver ikke gøre mere."),
    "idempotency_key_reused": (
        "Det er allerede gemt",
        "Det, du sendte først, gælder. Begynd forfra, hvis du vil gemme noget andet.",
    ),
    "slot_taken": ("Tiden er lige blevet taget", "En anden nåede det først. Vælg en anden tid."),
    "not_bookable": ("Tiden kan ikke bestilles", "Den er passeret, eller der er lukket. Vælg en anden tid."),
    "wrong_state": ("Det kan ikke lade sig gøre nu", "Aftalen har ændret sig i mellemtiden. Hent siden igen."),
    "invalid_field": ("Der er noget, vi ikke forstår", "Gå tilbage, og tjek det, du har skrevet."),
    "malformed_request": ("Der er noget, vi ikke forstår", "Gå tilbage, og prøv igen."),
    "not_allowed": (
        "Du har ikke adgang",
        "Din bruger har ikke den rolle, som siden kræver. Tal med din administrator.",
    ),
    "too_many_requests": ("Vent et øjeblik", "Der er kommet mange forsøg på kort tid. Prøv igen om lidt."),
    "too_large": ("Teksten er for lang", "Gå tilbage, og gør den kortere."),
    "busy": ("Der er travlt lige nu", "Intet er ændret. Prøv igen om et øjeblik."),
    "ambiguous": ("Vi mistede forbindelsen", "Prøv igen. Du kommer ikke til at bestille to gange."),
}
