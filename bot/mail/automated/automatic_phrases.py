"""Phrases in subjects and texts of automatic mail, in many languages."""
# ruff: noqa: RUF001 (letters of other alphabets are the point here)

import re
from itertools import pairwise

_OUT_OF_OFFICE_SUBJECT = re.compile(
    r"\W*(?:auto(?:matic(?:al)?|mated)?[\s:_-]*(?:reply|response|responder|respond|answer|notification|acknowledge?ment)"
    r"|(?-i:AUTO:\s)|out\s+of\s+(?:the\s+)?office|ooo\s?:|vacation\s+(?:reply|response|message|notice)|"
    r"away\s+from\s+(?:the|my)\s+(?:office|mail|e-?mail|desk)|on\s+(?:holiday|vacation|annual\s+leave)\s*[:!]|"
    r"automatische\s+(?:antwort|rückantwort|e-?mail)|autom\.\s+antwort|autoantwort|"
    r"abwesenheits?(?:notiz|nachricht|assistent|benachrichtigung|meldung|info)?\b|out\s+of\s+office|nicht\s+im\s+(?:büro|haus)\s*:|"
    r"réponse\s+automatique|absen(?:ce|t)\s+du\s+bureau|message\s+d'absence|notification\s+d'absence|"
    r"respuesta\s+autom[áa]tica|fuera\s+de\s+(?:la\s+)?oficina|contestación\s+automática|"
    r"risposta\s+automatica|fuori\s+(?:sede|ufficio)|assente\s+dall'ufficio|"
    r"resposta\s+autom[áa]tica|fora\s+d[oe]\s+escritório|ausência\s+(?:temporária|do\s+escritório)|"
    r"automatisch\s+antwoord|automatische\s+reactie|afwezigheids|afwezig\s*:|niet\s+aanwezig\s*:|"
    r"autosvar|automatisk[t]?\s+svar|frånvaro(?:meddelande)?\s*:|fraværs|ikke\s+på\s+kontor(?:et)?|"
    r"automaattinen\s+vastaus|poissa(?:olo)?(?:viesti|ilmoitus)|poissa\s+toimistosta|"
    r"(?:odpowiedź\s+automatyczna|automatyczna\s+odpowiedź)|poza\s+biurem|autoodpowiedź|"
    r"automatická\s+odpov[ěe][ďd]|mimo\s+kancelář|automatikus\s+válasz|házon\s+kívül|răspuns\s+automat|automatski\s+odgovor|"
    r"samodejni\s+odgovor|αυτόματη\s+απάντηση|εκτός\s+γραφείου|автоматичен\s+отговор|"
    r"автоответ|автоматический\s+ответ|автоматична\s+відповідь|нет\s+на\s+месте|вне\s+офиса|"
    r"otomatik\s+(?:yanıt|cevap)|ofis\s+dışında|trả\s+lời\s+tự\s+động|balasan\s+otomatis|"
    r"自動返信|自動応答|自動回答|不在(?:通知|です)|自动(?:回复|答复)|自動(?:回覆|回复|答覆)|不在办公室|자동\s*(?:응답|회신)|부재중|תשובה\s+אוטומטית|رد\s+تلقائي|ตอบกลับอัตโนมัติ)",
    re.IGNORECASE,
)
# Counts also after "Re:" or a list's tag. Other phrases do not: "Re: Automatic reply" may be a person's answer.
_OUT_OF_OFFICE_ANYWHERE = re.compile(r"out of (?:the )?office auto-?\s?(?:reply|response)", re.IGNORECASE)
_CHALLENGE_SUBJECT = re.compile(
    r"\W*(?:please\s+confirm\s+your\s+message|\[boxbe\]|sender\s+(?:address\s+)?verification"
    r"|your\s+(?:message|e-?mail)\s+(?:to\s+\S+\s+)?(?:is\s+)?await(?:s|ing)\s+(?:confirmation|verification|moderator))",
    re.IGNORECASE,
)
# Subjects of a help desk's confirmations, and of cron's reports.
_CONFIRMATION_SUBJECT = re.compile(
    r"\W*(?:\[[^\[\]]{1,40}\]\W*)?(?:(?:re|aw)\s*:\s*)?(?:(?:your\s+)?(?:support\s+)?(?:request|ticket|case|e-?mail|message|enquiry|inquiry)"
    r"\s+(?:\S+\s+)?(?:has\s+been\s+|was\s+)?(?:received|created|opened|registered|logged)\b|cron\s+<|"
    r"(?:eingangs|empfangs)bestätigung|ihre\s+anfrage\s+(?:ist|wurde)|accusé\s+de\s+réception|acuse\s+de\s+recibo)",
    re.IGNORECASE,
)
# Sentences such as "This is an automatic mail" or "Do not reply to this mail".
_AUTOMATED = (
    r"this\s+(?:\S+\s+)?(?:e-?mail|message|mail|notification|response|reply|notice)\s+(?:was|is|has\s+been)\s+(?:an?\s+)?(?:auto|system|computer|machine)",
    r"this\s+(?:\S+\s+)?(?:e-?mail|message|mail|notification|notice)\s+(?:was|is|has\s+been)\s+(?:generated|created|sent)\s+(?:automatically|by\s+(?:our|the|a)\s+(?:system|robot))",
    r"this\s+is\s+an?\s+(?:automated|automatic|auto-?\s?generated|system[\s-]generated|computer[\s-]generated)\b|^\W*automatically\s+(?:generated|created|sent)",
    r"do\s+not\s+(?:reply|respond|answer)\s+to\s+this|this\s+(?:mailbox|address|inbox|e-?mail)\s+is\s+(?:not\s+monitored|unmonitored|unattended)",
    r"diese\s+(?:\S+\s+)?(?:e-?mail|nachricht|mitteilung|mail)\s+(?:wurde|ist|wird)\s+(?:\S+\s+)?automatisch|antworten\s+sie\s+(?:bitte\s+)?nicht\s+auf\s+diese",
    r"(?:merci\s+de\s+)?ne\s+pas\s+répondre\s+à\s+(?:ce|cet)|ceci\s+est\s+un\s+(?:message|e-?mail|courriel)\s+automatique|ce\s+(?:message|e-?mail|courriel)\s+(?:est|a\s+été)\s+(?:\S+\s+)?automatique",
    r"no\s+respond(?:a|er)\s+a\s+este|este\s+(?:es\s+un\s+)?(?:mensaje|correo)\s+(?:es\s+|ha\s+sido\s+)?(?:automático|generado\s+automáticamente|enviado\s+automáticamente)",
    r"non\s+rispond(?:ere|ete)\s+a\s+quest|questo\s+(?:è\s+un\s+)?messaggio\s+(?:è\s+stato\s+\S+\s+)?automatic|não\s+responda\s+a\s+est|esta\s+(?:é\s+uma\s+)?mensagem\s+(?:é\s+|foi\s+\S+\s+)?autom",
    r"deze\s+(?:e-?mail|mail)\s+(?:is|werd)\s+automatisch|niet\s+op\s+deze\s+e-?mail|denne\s+(?:e-?mail|e-?post|besked)\w*\s+er\s+(?:\S+\s+)?automatisk|detta\s+(?:är\s+ett\s+)?(?:meddelande\s+)?(?:är\s+|har\s+)?(?:\S+\s+)?automatisk",
    r"(?:svar|svara)\s+(?:ikke|inte)\s+på\s+(?:denne|detta|dette)|nie\s+odpowiada(?:j|ć)\s+na\s+t[ęe]|(?:ta|niniejsza)\s+wiadomość\s+została\s+wygenerowana",
    r"не\s+отвечайте\s+на\s+это|(?:это|данное)\s+(?:письмо|сообщение)\s+(?:\S+\s+)?автоматическ|このメールは自動|本メールは自動|请勿(?:直接)?回复|請勿(?:直接)?回覆|此邮件(?:由系统)?自动|본\s*메일은\s*(?:자동|발신)",
    r"your\s+(?:support\s+)?(?:request|message|ticket|case|inquiry|enquiry|e-?mail)\s+(?:\S+\s+)?has\s+been\s+(?:received|created|opened|registered|logged)",
    r"a\s+(?:new\s+|support\s+)*(?:ticket|case|request)\s+(?:\S+\s+)?has\s+been\s+(?:created|opened|registered|logged)|reference\s+number\s+for\s+(?:your|this)\s+(?:request|ticket|case)\s+is",
    r"(?:confirm|verify|prove)\s+(?:that\s+)?(?:you\s+are|you're|your\s+(?:message|e-?mail)\s+(?:is|was))[^.]{0,40}(?:human|person|spam)",
)
# What autoresponders say for somebody; people say it as well, so that it counts only where it answers by itself.
_AUTORESPONSE = (
    r"(?:am|i'm|will\s+be)\s+(?:currently\s+|presently\s+)?(?:out\s+of\s+(?:the\s+|my\s+)?office|away\s+(?:from|until|till)|out\s+until|on\s+(?:\w+\s+)?leave|on\s+(?:vacation|holiday))",
    r"ich\s+bin\s+(?:\S+\s+){0,8}(?:nicht\s+im\s+(?:büro|haus)|abwesend|nicht\s+erreichbar|im\s+urlaub)",
    r"je\s+suis\s+(?:actuellement\s+)?(?:absent|en\s+congé)|estoy\s+(?:fuera\s+de|de\s+vacaciones|ausente)|sono\s+(?:assente|fuori\s+(?:sede|ufficio)|in\s+ferie)",
    r"estou\s+(?:ausente|fora|de\s+férias)|ik\s+ben\s+(?:\S+\s+){0,6}(?:afwezig|niet\s+(?:aanwezig|op\s+kantoor)|met\s+vakantie)",
    r"we\s+(?:have\s+|'ve\s+)?(?:successfully\s+)?received\s+your\s+(?:e-?mail|message|request|inquiry|enquiry|ticket)",
    r"thank\s+you\s+for\s+(?:your\s+(?:e-?mail|message|mail|inquiry|enquiry|request)|contacting\s+\w+)[.!,]?\s[^\n]{0,120}(?:\bwithin\b|as\s+soon\s+as\s+possible|\bshortly\b)",
    r"ihre\s+(?:anfrage|e-?mail|nachricht|mail)\s+(?:\S+\s+){0,4}(?:erhalten|eingegangen)|nous\s+avons\s+bien\s+reçu\s+votre|hemos\s+recibido\s+su",
    r"abbiamo\s+ricevuto\s+la\s+(?:sua|tua|vostra)|recebemos\s+(?:a\s+|o\s+)?(?:sua|seu)|hebben\s+(?:uw|je)\s+(?:\S+\s+){1,4}ontvangen|vi\s+har\s+(?:mottatt|mottagit|modtaget)\s+",
)
_AUTOMATED_MAIL = re.compile("|".join(_AUTOMATED), re.IGNORECASE)
_AUTORESPONSES = re.compile("|".join(_AUTORESPONSE), re.IGNORECASE)
_SEARCH_LIMIT = 4_000  # characters of what is newly written
_LINE = 400


def is_out_of_office(subject: str) -> bool:
    """Whether the subject is that of an out-of-office or other automatic reply."""
    return _OUT_OF_OFFICE_SUBJECT.match(subject) is not None or _OUT_OF_OFFICE_ANYWHERE.search(subject) is not None


def is_challenge(subject: str) -> bool:
    """Whether the subject asks the sender to prove that they are a person (challenge-response)."""
    return _CHALLENGE_SUBJECT.match(subject) is not None


def says_automated(subject: str, text: str) -> bool:
    """Whether subject or text say that a program wrote the mail."""
    return _CONFIRMATION_SUBJECT.match(subject) is not None or _matches(_AUTOMATED_MAIL, text)


def is_autoresponder_text(text: str) -> bool:
    """Whether the text is an autoresponder's: somebody is away, or a mail was received."""
    return _matches(_AUTORESPONSES, text)


def _matches(words: re.Pattern[str], text: str) -> bool:
    # Each line is matched together with the next one: programs wrap sentences anywhere.
    lines = [line[:_LINE] for line in text[:_SEARCH_LIMIT].splitlines()]
    return any(words.search(f"{line} {after}") for line, after in pairwise([*lines, ""]))
