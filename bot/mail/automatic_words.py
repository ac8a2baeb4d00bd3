"""What programs write in the subjects and texts of mail that nobody typed, in the languages they use."""
# ruff: noqa: RUF001 (letters of other alphabets are the point here)

import re
from itertools import pairwise

_AWAY_SUBJECT = re.compile(
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
# So sure that it counts below "Re:" and a list's tag too; "Re: Automatic reply" may be a person's answer to ours.
_AWAY_ANYWHERE = re.compile(r"out of (?:the )?office auto-?\s?(?:reply|response)", re.IGNORECASE)
_CHALLENGE_SUBJECT = re.compile(
    r"\W*(?:please\s+confirm\s+your\s+message|\[boxbe\]|sender\s+(?:address\s+)?verification"
    r"|your\s+(?:message|e-?mail)\s+(?:to\s+\S+\s+)?(?:is\s+)?await(?:s|ing)\s+(?:confirmation|verification|moderator))",
    re.IGNORECASE,
)
# A subject that a help desk's program gives to what it confirms, and cron to what it ran.
_CONFIRMATION_SUBJECT = re.compile(
    r"\W*(?:\[[^\[\]]{1,40}\]\W*)?(?:(?:re|aw)\s*:\s*)?(?:(?:your\s+)?(?:support\s+)?(?:request|ticket|case|e-?mail|message|enquiry|inquiry)"
    r"\s+(?:\S+\s+)?(?:has\s+been\s+|was\s+)?(?:received|created|opened|registered|logged)\b|cron\s+<|"
    r"(?:eingangs|empfangs)bestätigung|ihre\s+anfrage\s+(?:ist|wurde)|accusé\s+de\s+réception|acuse\s+de\s+recibo)",
    re.IGNORECASE,
)
# Each says of itself that it is a program's: that nobody reads the answer, that somebody is away, that a mail came in.
_SAID = (
    r"(?:e-?mail|message|mail|notification|response|reply|notice)\s+(?:was|is|has\s+been)\s+(?:an?\s+)?(?:auto-?)?(?:automat\w+|system)",
    r"(?:automated|automatic|auto-generated|system-generated|computer-generated)\s+(?:e-?mail|message|mail|notification|response|reply|notice)",
    r"automatically\s+(?:generated|created|sent)|(?:generated|created|sent)\s+automatically",
    r"do\s+not\s+(?:reply|respond|answer)\s+to\s+this|(?:mailbox|address|inbox|e-?mail)\s+is\s+(?:not\s+monitored|unmonitored|unattended)",
    r"(?:e-?mail|nachricht|mitteilung)\s+(?:wurde|ist)\s+automatisch|automatisch\s+(?:generiert|erstellt|erzeugt|versendet)",
    r"antworten\s+sie\s+(?:bitte\s+)?nicht\s+auf\s+diese",
    r"ne\s+pas\s+répondre\s+à|(?:message|courriel|e-?mail)\s+automatique|(?:généré|envoyé)e?\s+automatiquement",
    r"no\s+respond(?:a|er)\s+a\s+este|(?:mensaje|correo)\s+automático|(?:generado|enviado)\s+automáticamente",
    r"non\s+rispond(?:ere|ete)\s+a\s+quest|messaggio\s+automatico|(?:generat|inviat)[oa]\s+automaticamente",
    r"não\s+responda\s+a\s+est|mensagem\s+automática|(?:gerad|enviad)[oa]\s+automaticamente",
    r"automatisch\s+(?:gegenereerd|verzonden|verstuurd)|niet\s+op\s+deze\s+e-?mail|automatisk\s+(?:gener|utsend|udsend|sendt|skick)",
    r"(?:svar|svara)\s+(?:ikke|inte)\s+på\s+(?:denne|detta|dette)|nie\s+odpowiada|wygenerowan\w+\s+automatycznie",
    r"не\s+отвечайте\s+на\s+это|автоматическ|自動(?:送信|配信|返信|応答)|请勿(?:直接)?回复|請勿(?:直接)?回覆|自动(?:发送|回复|生成)|자동\s*(?:발송|응답)",
    r"(?:am|i'm|will\s+be)\s+(?:currently\s+|presently\s+)?(?:out\s+of\s+(?:the\s+|my\s+)?office|away\s+(?:from|until|till)|on\s+(?:\w+\s+)?leave|on\s+(?:vacation|holiday))",
    r"ich\s+bin\s+(?:\S+\s+){0,8}(?:nicht\s+im\s+(?:büro|haus)|abwesend|nicht\s+erreichbar|im\s+urlaub)",
    r"je\s+suis\s+(?:actuellement\s+)?(?:absent|en\s+congé)|estoy\s+(?:fuera\s+de|de\s+vacaciones|ausente)|sono\s+(?:assente|fuori\s+(?:sede|ufficio)|in\s+ferie)",
    r"estou\s+(?:ausente|fora|de\s+férias)|ik\s+ben\s+(?:\S+\s+){0,6}(?:afwezig|niet\s+(?:aanwezig|op\s+kantoor)|met\s+vakantie)",
    r"(?:we|i)\s+(?:have\s+|'ve\s+)?(?:successfully\s+)?received\s+your\s+(?:e-?mail|message|request|inquiry|enquiry|ticket)",
    r"your\s+(?:support\s+)?(?:request|message|ticket|case|inquiry|enquiry|e-?mail)\s+(?:\S+\s+)?has\s+been\s+(?:received|created|opened|registered|logged|assigned|closed|solved|resolved)",
    r"(?:ticket|case|request)\s+(?:\S+\s+)?has\s+been\s+(?:created|opened|registered|logged)|reference\s+number\s+for\s+(?:your|this)\s+(?:request|ticket|case)\s+is",
    r"thank\s+you\s+for\s+(?:your\s+(?:e-?mail|message|mail|inquiry|enquiry|request)|contacting\s+\w+)[.!,]?\s[^\n]{0,120}(?:\bwithin\b|as\s+soon\s+as\s+possible|\bshortly\b)",
    r"ihre\s+(?:anfrage|e-?mail|nachricht|mail)\s+(?:\S+\s+){0,4}(?:erhalten|eingegangen)|nous\s+avons\s+bien\s+reçu\s+votre|hemos\s+recibido\s+su",
    r"abbiamo\s+ricevuto\s+la\s+(?:sua|tua|vostra)|recebemos\s+(?:a\s+|o\s+)?(?:sua|seu)|hebben\s+(?:uw|je)\s+(?:\S+\s+){1,4}ontvangen|vi\s+har\s+(?:mottatt|mottagit|modtaget)\s+",
    r"(?:confirm|verify|prove)\s+(?:that\s+)?(?:you\s+are|you're|your\s+(?:message|e-?mail)\s+(?:is|was))[^.]{0,40}(?:human|person|spam)",
)
_SAYS_SO = re.compile("|".join(_SAID), re.IGNORECASE)
_LOOKED_AT = 4_000  # characters of what is newly written
_LINE = 400


def is_away(subject: str) -> bool:
    """Whether the subject is that of an answer which a program gives for somebody."""
    return _AWAY_SUBJECT.match(subject) is not None or _AWAY_ANYWHERE.search(subject) is not None


def is_challenge(subject: str) -> bool:
    """Whether the subject asks the sender to prove that they are a person."""
    return _CHALLENGE_SUBJECT.match(subject) is not None


def speaks_as_program(subject: str, text: str) -> bool:
    """Whether a mail that is marked as a program's says so in its words too; people write some of them as well."""
    if _CONFIRMATION_SUBJECT.match(subject):
        return True
    # Lines are joined by twos: programs fold their sentences anywhere.
    lines = [line[:_LINE] for line in text[:_LOOKED_AT].splitlines()]
    return any(_SAYS_SO.search(f"{line} {after}") for line, after in pairwise([*lines, ""]))
