"""Phrases of the confidentiality notices that companies put below mail, by language: western and northern Europe."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NoticePhrases:
    """Phrases of notices in one language, as stems separated by commas; accents do not matter."""

    headings: str  # above a notice, or before it on its line
    starts: str  # how a notice begins
    confidential: str  # the mail is confidential
    recipient: str  # for whom it is intended
    misdirected: str  # it may have reached somebody else
    notify: str  # whom to notify, and to delete it
    prohibited: str  # what is prohibited
    liability: str  # what the sender is not liable for
    first_person: str  # whole words for "I" and "my": no notice has them


LATIN = (
    NoticePhrases(  # English
        "confidentiality, confidential notice, disclaimer, email disclaimer, legal disclaimer, legal notice, privacy"
        " notice, privileged and conf, privileged & conf, private and conf, private & conf, statement of conf, notice"
        " of conf, important notice, notice to recipient, confidential communication",
        "this email, this message, this communication, this transmission, this electronic, this correspondence, this"
        " mail, this document, this transmittal, the information, the content, the email, the materials, the message,"
        " any unauth, any review, any use, any dissem, any views, any opinion, any disclosure, all information, all"
        " email, information in, information contained, if you are not, if you have rec, if you rec, if this, if it,"
        " if received, emails, email is, email trans, email comm, unless, please note, please notify, please"
        " delete, please destroy, please advise the s, please inform the s, please contact the s, note, notice,"
        " important,"
        " warning, attention, confidential, internet comm, unauth, the sender, in case, should you, opinions, views,"
        " although, it is intended, you are hereby, we accept, we do not accept, no liability, copyright",
        "confidential, privileged, proprietary, secret",
        "intended recipient, intended addressee, intended only, intended solely, intended exclusively, only intended,"
        " solely intended, intended for, meant only, meant solely, meant for, only meant, solely for, exclusively"
        " for,"
        " sole use, exclusive use, for the use of, addressee, named above, named recipient, to whom, to which it is,"
        " individual or entity, person or entity, recipient(s), addressed to",
        "in error, by mistake, by accident, mistakenly, erroneously, not the intended, not an intended, wrongly,"
        " inadvertently, not the addressee, not the named, misdirected, not intended for you, reached you",
        "notify, inform the sender, inform us, tell the sender, advise the sender, advise us, alert the sender,"
        " contact"
        " the sender, let the sender know, return email, reply email, reply to the sender, delete, destroy, erase,"
        " the sender by, let us know, call us, contact us, return it to",
        "prohibit, unlawful, unauth, not permitted, not allowed, not auth, forbidden, disclos, dissemin, copying,"
        " distribut, do not copy, must not copy, must not use, any other use, refrain from, retransmi, may not be"
        " used",
        "liab, virus, malware, warrant, responsib, views expressed, opinions expressed, views or opinions, opinions"
        " or"
        " views, not represent, not necessarily, binding, guarantee, error-free, monitored, scanned, damage",
        "i, i'm, i've, i'd, i'll, my, me, mine, myself",
    ),
    NoticePhrases(  # German
        "vertraulichkeit, hinweis zur vertraulich, haftungsausschluss, rechtlicher hinweis, rechtliche hinweise,"
        " wichtiger hinweis, disclaimer, vertraulich:",
        "diese email, diese mail, diese nachricht, diese mitteilung, diese elektron, diese inform, diese botschaft,"
        " dieses dokument, dieses email, dieses mail, dieses schreiben, die inform, die in dieser, der inhalt, die"
        " inhalte, sollten sie, wenn sie, falls sie, sofern sie, jede, jegliche, das unerlaubte, das unbefugte, die"
        " unbefugte, die unberechtigte, die unerlaubte, die verbreitung, die weitergabe, das kopieren, das lesen, der"
        " absender, ist diese, bitte beachten, bitte inform, bitte setzen, bitte benach, bitte loesch, bitte lösch,"
        " hinweis,"
        " wichtig, achtung, die email, die nachricht, emails, für den fall, der austausch, eine weitergabe, wir",
        "vertraulich, geheim, rechtlich gesch, geschützte inf",
        "ausschliesslich für, nur für, adressat, empfänger, genannte, bestimmt, richtet sich, gerichtet, allein für",
        "irrtümlich, irrtum, versehen, fälschlich, nicht der richtige, nicht der beabsicht, nicht der vorgesehen,"
        " nicht"
        " der adressat, nicht der empfänger, nicht für sie, fehlgeleitet, nicht der bestimm, unbeabsichtigt, nicht"
        " der"
        " genannte, nicht der angegeb",
        "informieren sie, benachrichtigen sie, den absender, verständigen sie, unterrichten sie, vernicht, lösch, dem"
        " absender, zu informieren, zu benachrichtigen",
        "untersagt, nicht gestattet, verboten, unzulässig, unbefugt, unerlaubt, unberechtigt, nicht erlaubt,"
        " weitergabe,"
        " vervielfältig, verbreitung, veröffentlich, nicht zulässig, weiterverbreit, offenleg",
        "haftung, haften, haftbar, virus, viren, schadsoftware, gewähr, rechtsverbindlich, bindend, verantwortung,"
        " manipulation, schäden",
        "ich, mir, mich, mein, meine, meinen, meiner, meinem, meines",
    ),
    NoticePhrases(  # French
        "avis de conf, clause de conf, mention de conf, note de conf, confidentialité, avis important,"
        " mentions légales, clause de non, avis juridique, message conf, décharge de resp",
        "ce message, ce courriel, ce courrier, cet email, ce mail, cette comm, cette trans, ce document, cet envoi,"
        " cette"
        " corr, le présent, la présente, les inform, l'inform, le contenu, si vous, si ce, si le, s'il, toute, tout,"
        " l'intégrité, les messages, les emails, l'internet, internet, les opinions, l'expéditeur, au cas, dans le"
        " cas,"
        " merci de, les données, nous, l'utilisation, important, attention, avertissement",
        "confidentiel, secret, privilégié",
        "exclusif, exclusive, destinataire, destiné, à l'usage, uniquement, nommé, à l'intention",
        "par erreur, erreur, n'êtes pas, par inadvertance, pas destiné",
        "avertir, prévenir, informer, aviser, notifier, détrui, supprim, effac, signaler, l'expéditeur, avisez,"
        " informez, prévenez, avertiss",
        "interdit, non autorisé, divulg, prohib, diffusion, copie, strictement, reproduction, publication,"
        " distribution",
        "responsab, virus, altér, intégrité, falsifi, n'engage, opinions, garanti",
        "je, j, mon, ma, mes, moi, me, m",
    ),
    NoticePhrases(  # Spanish
        "aviso de conf, aviso legal, confidencialidad, cláusula de conf, nota de conf, descargo de resp,"
        " aviso importante, información confidencial",
        "este mensaje, este correo, este email, este documento, esta comun, esta trans, esta inform, el presente, la"
        " presente, la inform, el contenido, los datos, si usted, si no, si ha, si recib, si ud, si lo, si este, en"
        " caso,"
        " queda, cualquier, toda, le inform, se inform, se le, el acceso, el uso, las opiniones, no nos,"
        " importante, advertencia",
        "confidencial, secret, privilegiad, reservad",
        "destinatari, dirigid, exclusiv, destinad, únicamente",
        "por error, no es el dest, no es usted, error, equivoca, no sea el, no fuera, no fuese",
        "notif, comunique, comunicar, comunicándo, informar, informe, avise, avisar, elimin, borr, destru, remitente",
        "prohib, no autorizad, divulg, difusión, copia, distribu, reproducción, utilización, revela",
        "responsab, virus, garantiza, opiniones, integridad",
        "yo, mi, mis, mío, me",
    ),
    NoticePhrases(  # Italian
        "avviso di ris, clausola di ris, nota di ris, dichiarazione di ris, riservatezza, avviso legale,"
        " informativa, avviso importante",
        "questo messaggio, questa email, questa comun, questa mail, questo documento, questa trasm, il presente, la"
        " presente, le inform, il contenuto, i dati, qualora, se non, se avete, se lei, se hai, se ha, se il, se"
        " questo,"
        " chiunque, nel caso, ogni, qualsiasi, la diffusione, si precisa, ai sensi, l'utilizzo, è vietat, gli"
        " allegati,"
        " il messaggio, importante, avvertenz",
        "riservat, confidenzial, segret",
        "destinatari, esclusiv, unicamente, indirizzat, destinat",
        "per errore, errore, non siete, non è il dest, non foste, erroneamente, per sbaglio",
        "avvis, avvertire, informar, comunicar, notificar, cancell, distrugg, elimin, mittente, darne",
        "vietat, proibit, non autorizzat, divulg, diffusione, copia, distribuzione, riproduzione, illecit",
        "responsab, virus, garant, opinioni, integrità",
        "io, mio, mia, miei, mie, mi, me",
    ),
    NoticePhrases(  # Portuguese
        "aviso de conf, aviso legal, confidencialidade, nota de conf, declaração de conf, termo de conf,"
        " aviso importante, isenção de resp, cláusula de conf",
        "esta mensagem, este email, este correio, esta comun, este documento, esta trans, a inform, as inform, o"
        " conteúdo, o presente, a presente, se você, se não, se recebeu, se o, se esta, se este, se vossa, caso, no"
        " caso,"
        " qualquer, é proib, os dados, toda, o remetente, as opiniões, a utilização, esta inform, importante,"
        " advertência",
        "confidencia, sigilos, privilegiad, secret, reservad",
        "destinatári, exclusiv, destina-se, destinad, dirigid, endereçad, unicamente",
        "por engano, por erro, indevidamente, não for o, não é o dest, erroneamente, não seja, equivoca, engano",
        "notifi, avise, avisar, informe, informar, informando, comunique, comunicar, comunicando, contacte, elimin,"
        " apag, destru, exclu, delet, remetente",
        "proib, não autorizad, divulga, cópia, copiar, distribui, reprodu, vedad, ilícit, disseminação, utilização",
        "responsab, vírus, garant, opiniões, integridade",
        "eu, meu, minha, meus, minhas, me, mim",
    ),
    NoticePhrases(  # Dutch
        "vertrouwelijkheid, disclaimer, proclaimer, belangrijke mede, juridische ken, vertrouwelijk:",
        "dit bericht, deze email, deze mail, dit email, de inform, de inhoud, deze boodschap, deze comm, dit"
        " document,"
        " deze inform, indien u, als u, als dit, als deze, aan dit, aan deze, elk gebruik, ieder gebruik, gebruik"
        " van,"
        " openbaar, het is, wij, mocht, de in, de afzender, verspreiding, let op, belangrijk, bent u",
        "vertrouwelijk, geheim",
        "uitsluitend, bestemd, geadresseerde, alleen voor, gericht, ontvanger, bedoeld",
        "per vergissing, abusievelijk, onrechte, per abuis, niet de gead, niet de beoogde, niet voor u, onterecht,"
        " niet"
        " bestemd, bij vergissing, niet de bedoelde",
        "de afzender, informeren, verwijder, vernietig, op de hoogte, te melden, waarschuw, wissen, retourneren",
        "niet toegestaan, verboden, ongeoorloofd, openbaar, verspreid, vermenigvuldig, verstrekking, kopiëren,"
        " onrechtmatig, onbevoegd",
        "aansprakelijk, virus, rechten, juiste en vol, garan",
        "ik, mij, mijn, me",
    ),
    NoticePhrases(  # Swedish
        "sekretess, konfidentialitet, ansvarsfriskrivning, friskrivning, viktigt medd, konfidentiellt",
        "detta medd, detta email, detta mail, detta mejl, detta e-post, det här, den här, denna email, denna e-post,"
        " inform, innehållet, om du, om ni, om detta, har du, obehörig, all, varje, det är, meddelandet, e-post, vi",
        "konfidentiell, sekretess, förtrolig, hemlig",
        "avsedd, avsett, endast för, mottagare, adressat, uteslutande, enbart",
        "av misstag, felaktigt, inte är den, inte den avsedda, inte rätt, inte är rätt, fel person",
        "meddela avs, underrätta, informera, avsändaren, radera, förstör, ta bort, makulera",
        "förbjud, otillåt, inte tillåt, obehörig, sprid, kopier, får inte, avslöja",
        "ansvar, virus, garant, skada, åsikter",
        "jag, mig, min, mitt, mina",
    ),
    NoticePhrases(  # Danish
        "fortrolighed, ansvarsfraskrivelse, vigtig medd, vigtig besked, fortrolig:",
        "denne email, denne mail, denne medd, denne besked, denne e-post, indholdet, oplysning, inform, hvis du, hvis"
        " de, hvis denne, er du ikke, enhver, såfremt, uautor, har du, det er, emailen, meddelelsen, modtager, vi",
        "fortrolig, hemmelig",
        "beregnet, tiltænkt, udelukkende, modtager, adressat, bestemt for, kun for, rettet til",
        "ved en fejl, ved fejl, fejlagtig, ikke er den, ikke den, er du ikke",
        "underret, informer, afsender, slet, destruer, makuler",
        "forbudt, ikke tillad, uautor, kopier, videregiv, offentliggør, distribu, må ikke, ulovlig, udbred",
        "ansvar, virus, garant, skade, hæft",
        "jeg, mig, min, mit, mine",
    ),
    NoticePhrases(  # Norwegian
        "konfidensialitet, taushetsplikt, ansvarsfraskrivelse, konfidensielt, viktig meld, viktig inf",
        "denne e-post, denne epost, denne email, denne meld, denne mail, innholdet, inform, hvis du, dersom, om du,"
        " all,"
        " enhver, opplysning, det er, e-posten, uautor, har du, vi, meldingen",
        "konfidensiel, fortrolig, taushet",
        "beregnet, tiltenkt, bestemt for, utelukkende, mottaker, adressat, kun for, ment for",
        "ved en feil, ved feil, feilaktig, ikke er rett, ikke er den, feilsendt, ikke den",
        "varsle, underrett, informer, gi beskjed, avsender, slett, destruer, makuler",
        "forbudt, ikke tillatt, uautor, kopier, viderefor, offentliggjør, distribu, ulovlig, spre",
        "ansvar, virus, garant, skade",
        "jeg, meg, min, mitt, mine",
    ),
    NoticePhrases(  # Finnish
        "luottamuksellisuus, luottamuksellista, vastuuvapaus, luottamuksellinen, tärkeä huom",
        "tämä viesti, tämä sähkö, tämä email, tämän viestin, tämän sähkö, tähän, viesti, sähköposti, jos et, jos"
        " olet,"
        " jos ette, jos viesti, jos tämä, mikäli, kaikki, tieto",
        "luottamuksel, salassa, salais",
        "tarkoitettu, vastaanottaja, ainoastaan",
        "erehdyks, vahingossa, virheellis, et ole, ette ole, väärälle, väärin, erheellis",
        "ilmoita, ilmoittak, lähettäj, tuhoa, poista, hävit",
        "kiellet, luvaton, kopioi, paljast, levittä, jakelu, ei saa, laiton",
        "vastuu, virus, takaa",
        "minä, minun, minua, minulle, mulla",
    ),
)
