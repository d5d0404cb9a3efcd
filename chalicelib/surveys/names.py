"""Words that tell a name from an ordinary word in a comment: the data of `redaction.py`. Lower case throughout.

A short list of frequent names helps, but it is never complete; the recall on names is measured and published, not
promised (I6). The municipality's own list of staff names is what protects employees.
"""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FIRST_NAMES: Final = _words("""
    aase abdul abdullah adam agnes agnete agnieszka ahmed aisha aksel albert alberte alex alexander alfred ali
    alice allan alma amalie amanda amin amir amira anders andreas andrii ane anette anita anja ann anna anne
    anne-marie annelise annette annika anny anton arash arne arthur asger asta astrid ayse barbara benedikte
    benjamin benny bent bente berit bettina birgit birgitte birte birthe bjarke bjarne bjørn bo bodil brian
    britt britta børge camilla carina carl carla caroline carsten casper cecilie charlotte christel christen
    christian christina christoffer clara claus connie conny dagmar dagny dan dana daniel david denise dennis
    dina ditte dmytro dorte dorthe ebbe edith eigil einar ejnar ejvind elena elias elin elisabeth ella ellen
    elly else emil emilie emily emma erik erling ester eva fatima fatma felix filip finn flemming flora frands
    frank frederik frederikke freja frida frode georg gerd gerda gert gitte grete grethe gunhild gunnar gunner
    gustav hanna hannah hanne hans harald hardy hassan heidi helene helga helle hemming henning henriette henrik
    henry herdis hjalmar holger hugo hussein ib ibrahim ida inga inge ingelise inger ingolf ingrid irina iris
    isabella ivan jacob jakob james jan jane janne jannie jannik janus jeanette jeanne jens jeppe jesper jette
    jim joan joanna johan johanna johannes john jonas jonna josefine judith julia julie jytte jørgen jørgine
    jørn kai kaj karen karin karina karl karl-erik karsten kasper katarzyna kate kathrine katja katrine keld
    kenneth kent kevin khalid kim kirsten kirstin kirstine kjeld klaus knud kristian kristina kristine
    kristoffer kurt laila lars lasse laura laurits laust layla lea leif leila lena lene lilly lily linda line
    lis lisa lisbeth lise liselotte lissi liv lizzi lone lotte louise lucas lukas lykke mads magnus mai-britt
    maj maja malene malthe marcus maren margit margrete margrethe maria mariam marianne marie marina marius mark
    markus marlene marta martha martin mary marzena mathias mathilda mathilde max mehmet merete mette mia
    michael michelle mie mikael mikkel mille mimi minna mogens mohamed mohammad mohammed mona monica morten
    muhammad mustafa nadia nanna natalia natasha nete nicolai niels nikita nikolaj nina noah noor nour oksana
    ole oleksandr olena olga oliver omar orla oscar oskar osman otto ousmane palle paula pauline pawel per
    pernille peter philip pia piotr poul poul-erik preben randi rasmus rebecca regitze rene renè rené richard
    rie rikard rikke rita robert rolf roman ronja ronni ronnie rosa rosemarie rune ruth ryan sabrina sally sami
    samuel sandra sanne sara sarah sean sebastian selma sidsel signe sigrid sigurd silas simon simone sofia
    sofie sofija sofus solveig sonja steen stefan sten stephanie stig stina stine sune susan susanne susie sven
    svend svetlana sylvia søren tanja tanya tatiana tatjana tenna tetiana thea theo theodor therese thilde
    thomas thor thorkild thyra tim tina tobias toke tom tommy tonny torben tove trine troels trond tyge uffe
    ulla ulrik ulrikke ursula vagn valdemar vera vibe vibeke victor victoria viggo viktor viktoria villads villy
    viola vivi volodymyr william winnie xenia yana yasmin yusuf yvonne zahra zainab zofia åge åse
""")

SURNAMES: Final = _words("""
    abdi ahmadi andersen andreasen andreassen bach bech berg bertelsen bjerre bonde bruun buch carlsen
    christensen christiansen christoffersen clausen clemmensen dahl dalsgaard danielsen davidsen enevoldsen
    eriksen frandsen frederiksen friis gade gregersen hald hansen hedegaard henriksen hermansen hjorth hoffmann
    holm holst iversen jacobsen jakobsen jensen jepsen jespersen jessen johannesen johannsen johansen johnsen
    jørgensen karlsen kjeldsen kjær klausen knudsen koch kofoed kristensen kristiansen kristoffersen krogh kruse
    lange larsen lassen lauridsen lauritsen lauritzen laursen lind lorentzen lorenzen lund lundgaard madsen
    markussen martinsen mathiasen mathiesen michaelsen mikkelsen mogensen mortensen munk møller nguyen nielsen
    nikolajsen nissen nygaard nørgaard olesen olsen overgaard pedersen petersen poulsen rasmussen ravn riis
    schmidt schou schultz simonsen skov steffensen svendsen svensson sørensen thomsen thorsen thygesen toft
    vestergaard villadsen vinther wagner willumsen winther østergaard
""")

# Names that are also ordinary Danish or English words: alone, they count as names only where a name is expected.
ORDINARY: Final = _words("""
    art ask august bach bak bakke berg bill bjerg bo bonde buch dahl dal dam drew eg falk fisker friis gade glad
    grace guy hald hans hassel hjorth holm hope jack jay joy juli juni koch krogh kruse kvist lance lange lind
    liv lund lykke mai maj mark max may miles munk møller pat penny per pil rask ravn rich rob rolf rose ruby
    sejr siv skov sky smed sommer steen sten storm summer tim toft tom tue ulv vagn vinter vinther viola will
""")

# Names that are words only in lower case, or in another language: a capital is enough, wherever it stands.
CAPITALISED: Final = _words("""
    bjørn dan dana else flora frank hardy iris jan line roman rosa rune sander toke vibe
""")

# Capitalised words that follow a cue such as "hos" or "medarbejderen" without being names.
NOT_NAMES: Final = _words("""
    er var har havde kan kunne vil ville skal skulle blev bliver so much is was has had jobkonsulent sagsbehandler
    aarhus borgerservice borger borgerne danmark danish denmark det den der de dem du en et fjordby han hende
    hun ham i ikke ingen jeg jer jobcenter jobcentret jobcenteret kommune kommunen kommunens københavn man mange
    medarbejder medarbejderen mig min mine mit mitid nem nemid pas passet politiet rådhuset sandholm sig skat
    skranke skranken sms staten så super tak the tusind vi vores you your they she he it and but og men at alle
    alt altid alting digital facebook google teknik ydelse ydelsen pension familieretshuset udbetaling
    statsforvaltningen sygehuset region our we not very fint fin god godt rigtig meget ukraine mandag tirsdag
    onsdag torsdag fredag lørdag søndag monday tuesday wednesday thursday friday saturday sunday a an i'm hans
    hendes deres jeres denne dette disse hvor hvorfor hvordan både begge flere nogen noget endelig venlig
    venlige mvh hilsen kh
""")
