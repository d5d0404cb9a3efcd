"""The sentences that `wording.py` fills in. Only `rise` and `fall` name a direction."""

from __future__ import annotations

from typing import Final

SENTENCES: Final = {
    "da": {
        "statement": "{share} {said} i {month} (n = {n}).",
        "answered": "svarede “{answer}”",
        "small": "Tallet er usikkert: det bygger på {small} svar eller færre.",
        "too_few": "Der er for få svar i {month} til at vise et resultat (mindst {limit}).",
        "certain": "Det er {sentence}.",
        "rise": "en sikker stigning på {size} fra {month} ({previous}, n = {n})",
        "fall": "et sikkert fald på {size} fra {month} ({previous}, n = {n})",
        "no_change": "Det er ikke en sikker ændring fra {month} ({previous}, n = {n}).",
        "indication": (
            "Det er ikke en sikker ændring fra {month} ({previous}, n = {n}), men en indikation: "
            "et andet mål for de samme svar peger samme vej og er sikkert."
        ),
        "running": "Måneden er ikke afsluttet, så forskellen til {month} er ikke testet.",
        "small_to_compare": "Der er for få svar til at sammenligne med {month}.",
        "other_wording": "Spørgsmålet er ændret siden {month}, så tallene kan ikke sammenlignes.",
        "nothing_before": "Der er intet tal fra {month} at sammenligne med.",
        "definition": "Spørgsmål: “{question}” Regnet med: {answer}.",
        "complement": "{others} af {n}{in_words} gav et andet svar end “{answer}”; “ved ikke” er talt med.",
        "nobody": " (ingen)",
        "one_in": " (cirka 1 ud af {number})",
        "development": "{group}: {question} er {share} (n = {n}). Det er {sentence}.",
        "nothing_tested": "Der er for få svar til at teste ændringer fra {month}.",
        "none_certain": "Ingen af de {tested} testede forskelle fra {month} er statistisk sikre.",
        "some_certain": (
            "{tested} forskelle er testet, og {significant} af dem er markeret med *. {adjusted} holder også, når der "
            "tages højde for, at så mange er testet; kun de nævnes her."
        ),
        "star_by_chance": (
            "{tested} forskelle er testet, og {significant} af dem er markeret med *. Det er ikke flere, end tilfældet "
            "kan give, når så mange er testet, så ingen nævnes her."
        ),
        "points": "{number} procentpoint",
        "detectable": (
            "Med {n} svar nu og {before} før ville en ændring på mindst {points} sandsynligvis blive fundet "
            "(i 8 ud af 10 tilfælde). En mindre kan overses."
        ),
        "undetectable": "Med {n} svar nu og {before} før kan ingen ændring ventes fundet.",
        "note_base": (
            "Basis er de afsluttede spørgeskemaer fra kontakter, der sluttede i {month}. Kun de, der sagde ja til en "
            "sms, er spurgt, så svarene er ikke et tilfældigt udsnit; derfor står antallet af betjente ved siden af. "
            "Der regnes med antal og afrundes til sidst, så afrundede tal kan afvige med 1 fra deres sum eller forskel."
        ),
        "note_interval": (
            "Intervallerne er Wilsons 95 %-intervaller for andele og Students 95 %-intervaller for gennemsnit: så "
            "langt kan tallet med rimelighed ligge fra det, man havde fået ved at spørge uendelig mange som dem, der "
            "svarede."
        ),
        "note_dont_know": "“Ved ikke” tæller med i andelene, men ikke i gennemsnittene.",
        "note_test": (
            "Ændringer fra {before} er testet med en tosidet z-test for to andele (puljet, uden "
            "kontinuitetskorrektion) på 95 %-niveau; gennemsnit med Welchs test. * betyder, at ændringen er statistisk "
            "sikker. Forskelle mellem grupper i samme periode er ikke testet."
        ),
        "note_many": (
            "Der er testet {tested} andele. Selv hvis intet havde ændret sig, ville omkring {expected} af dem se sikre "
            "ud ved et tilfælde. {significant} er markeret; efter Benjamini og Hochbergs korrektion står {adjusted} "
            "tilbage, efter Holms, som er strengere, {certain}."
        ),
        "note_running": (
            "{month} er ikke afsluttet. Derfor er der intervaller, men ingen test: den, der kigger hver dag, finder "
            "før eller siden en ændring, der ikke er der."
        ),
        "note_preliminary": (
            "Tallene er foreløbige: svar fra periodens sidste kontakter kan komme til i en måned, efter at den er slut."
        ),
        "note_held_back": (
            "Siden tallene blev endelige, er svar kommet til eller slettet. De er ikke regnet med, for forskellen "
            "kunne fortælle om en enkelt borger."
        ),
        "note_thresholds": (
            "Grupper med {small} svar eller færre er lyse og skraverede og sammenlignes ikke med noget. Grupper med "
            "færre end {suppress} svar vises ikke; skjules kun én gruppe, skjules også den mindste af de andre, så "
            "ingen kan regne den skjulte ud."
        ),
        "note_average": "Linjen “Alle” er alle svar i perioden; store grupper ligger derfor tæt på den.",
        "note_modes": (
            "Svarene kom på flere måder: {modes}. De er lagt sammen her; hvordan der spørges, kan påvirke svaret, så "
            "se dem også hver for sig."
        ),
        "note_mix": (
            "Grupperne har forskellige ærinder: noget kræver fremmøde eller ender med et nej. En forskel mellem dem "
            "siger ikke i sig selv, hvem der gør det bedst."
        ),
        "note_two_ways": (
            "{question}: spørgsmålet blev stillet på to måder i perioden. Skalaer og ordlyde lægges aldrig sammen, så "
            "kun den, flest har svaret på, er regnet med."
        ),
        "note_other_wording": "{question}: spørgsmålet eller skalaen er ændret, så serien har et brud her.",
    },
    "en": {
        "statement": "{share} {said} in {month} (n = {n}).",
        "answered": "answered “{answer}”",
        "small": "The figure is uncertain: it rests on {small} answers or fewer.",
        "too_few": "There are too few answers in {month} to show a result (at least {limit}).",
        "certain": "This is {sentence}.",
        "rise": "a certain rise of {size} from {month} ({previous}, n = {n})",
        "fall": "a certain fall of {size} from {month} ({previous}, n = {n})",
        "no_change": "This is not a certain change from {month} ({previous}, n = {n}).",
        "indication": (
            "This is not a certain change from {month} ({previous}, n = {n}), but an indication: "
            "another measure of the same answers points the same way and is certain."
        ),
        "running": "The month has not ended, so the difference from {month} is not tested.",
        "small_to_compare": "There are too few answers to compare with {month}.",
        "other_wording": "The question has changed since {month}, so the figures can't be compared.",
        "nothing_before": "There is no figure from {month} to compare with.",
        "definition": "Question: “{question}” Counted: {answer}.",
        "complement": "{others} of {n}{in_words} gave another answer than “{answer}”; “don't know” is included.",
        "nobody": " (nobody)",
        "one_in": " (about 1 in {number})",
        "development": "{group}: {question} is {share} (n = {n}). This is {sentence}.",
        "nothing_tested": "There are too few answers to test changes from {month}.",
        "none_certain": "None of the {tested} tested differences from {month} is statistically certain.",
        "some_certain": (
            "{tested} differences were tested, and {significant} of them are marked with *. {adjusted} also hold when "
            "it is taken into account that so many were tested; only those are named here."
        ),
        "star_by_chance": (
            "{tested} differences were tested, and {significant} of them are marked with *. That is no more than "
            "chance can give when so many are tested, so none is named here."
        ),
        "points": "{number} percentage points",
        "detectable": (
            "With {n} answers now and {before} before, a change of at least {points} would probably be found "
            "(in 8 of 10 cases). A smaller one may be missed."
        ),
        "undetectable": "With {n} answers now and {before} before, no change can be expected to be found.",
        "note_base": (
            "The base is the finished questionnaires from contacts that ended in {month}. Only those who said yes to a "
            "text message were asked, so the answers are no random sample; that is why the number served stands beside "
            "them. We calculate with counts and round last, so rounded figures may differ by 1 from their sum or "
            "difference."
        ),
        "note_interval": (
            "The intervals are Wilson 95% intervals for shares and Student 95% intervals for means: this is how far "
            "the figure may reasonably lie from what asking infinitely many like those who answered would have given."
        ),
        "note_dont_know": "“Don't know” counts in the shares, but not in the means.",
        "note_test": (
            "Changes from {before} are tested with a two-sided z-test of two proportions (pooled, without continuity "
            "correction) at the 95% level; means with Welch's test. * means that the change is statistically certain. "
            "Differences between groups within the same period are not tested."
        ),
        "note_many": (
            "{tested} shares were tested. Even if nothing had changed, about {expected} of them would look certain by "
            "chance. {significant} are marked; after the correction of Benjamini and Hochberg {adjusted} remain, after "
            "Holm's, which is stricter, {certain}."
        ),
        "note_running": (
            "{month} has not ended. So there are intervals but no tests: whoever looks every day finds, sooner or "
            "later, a change that is not there."
        ),
        "note_preliminary": (
            "The figures are preliminary: answers from the period's last contacts may come in for a month after it."
        ),
        "note_held_back": (
            "Since the figures became final, answers have come in or were erased. They are not included, as the "
            "difference could tell of a single citizen."
        ),
        "note_thresholds": (
            "Groups with {small} answers or fewer are pale and hatched and are not compared with anything. Groups with "
            "fewer than {suppress} answers are not shown; where only one group is hidden, the smallest other is hidden "
            "too, so that nobody can work the hidden one out."
        ),
        "note_average": "The line “All” is every answer of the period; large groups lie close to it for that reason.",
        "note_modes": (
            "Answers came in several ways: {modes}. They are put together here; how people are asked can colour what "
            "they say, so look at them apart as well."
        ),
        "note_mix": (
            "The groups come with different matters: some require attendance or end with a no. A difference between "
            "them does not in itself say who does best."
        ),
        "note_two_ways": (
            "{question}: the question was asked in two ways in this period. Scales and wordings are never pooled, so "
            "only the one that most answered is counted."
        ),
        "note_other_wording": "{question}: the question or its scale has changed, so the series breaks here.",
    },
}
"""By language, then by what is said."""

SAID_OF: Final = {
    "satisfaction": {"da": "var tilfredse", "en": "were satisfied"},
    "friendliness": {"da": "blev mødt venligt", "en": "were met in a friendly way"},
    "got-answer": {"da": "fik svar på deres henvendelse", "en": "got an answer to their enquiry"},
    "clear-information": {"da": "fik klar information", "en": "got clear information"},
}
"""What the favourable answers to our own questions amount to; the definition is printed beside it (GL-24)."""
