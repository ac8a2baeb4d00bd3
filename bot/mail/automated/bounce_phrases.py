"""Phrases in subjects and texts of bounces, in many languages."""
# ruff: noqa: RUF001 (letters of other alphabets are the point here)

import re
import unicodedata


def without_accents(text: str) -> str:
    """The text without accents, as all patterns here are matched: old gateways leave accents out."""
    if text.isascii():
        return text
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


# At the beginning of a subject, after decoration.
_SUBJECTS = (
    r"undeliver|not\s+deliver|non-?delivery|(?:mail|message|e-?mail)\s+(?:could\s+)?not\s+(?:be\s+)?deliver",
    r"(?:mail\s+|message\s+|e-?mail\s+)?deliver(?:y|ing)\s+(?:status|failure|failed|has\s+failed|error|problem|report|delayed)",
    r"(?:mail\s+|message\s+|e-?mail\s+)?delivery\s+(?:notification|warning|incomplete|unsuccessful|subsystem|system)",
    r"(?:mail|message|e-?mail)\s+(?:delivery|system\s+error|status|failure|failed|undeliverable|delayed|returned)",
    r"(?:unable|failed|failure|cannot|can't|could\s+not)\s+(?:to\s+)?(?:deliver|send)|failed\s+(?:mail|delivery|message)",
    r"returned\s+(?:mail|e-?mail|message|to\s+sender)|returning\s+(?:mail|message)|failure\s+(?:notice|notification|delivery)",
    r"(?:permanent|temporary|transient)\s+(?:delivery\s+)?(?:failure|error)|dsn:|ndr:|bounced?\s+(?:mail|message|e-?mail)",
    r"(?:e-?mail\s+)?bounce\s+notification|delayed\s+(?:mail|message)|unknown\s+(?:user|recipient|address)",
    r"warning:\s+(?:could\s+not|message|e?-?mail|\S+@\S+\s)|(?:recipient|user|address)\s+(?:unknown|not\s+found|rejected)",
    r"(?:mail|message|e-?mail)\s+(?:could\s+not|cannot|can't|was\s+not|not)\s+(?:be\s+)?(?:sent|delivered|deliverable)|mail\s+failed|message\s+not\s+deliver",
    r"sorry,\s+(?:your\s+)?(?:mail|message|e-?mail)\s+(?:could\s+)?not|non-?deliver|undelivered\b|problems?\s+(?:found\s+)?(?:during|with|in)\s+deliver",
    r"(?:your\s+)?(?:mail|message|e-?mail)\s+(?:is|was|has\s+been)\s+(?:delayed|rejected|returned|blocked|bounced|refused|not\s+delivered)|mail\s+system\s+error",
    r"(?:there\s+was\s+an?\s+)?error\s+(?:sending|delivering|in\s+sending|while\s+(?:sending|delivering))\b|returned\s*$|rejected\s+posting",
    r"notice:\s+mail\s+delivery|postmaster\s+notify|receipt:\s+(?:not\s+delivered|failed)|not\s+member\s+article|error:\s+mail|e-?mail\s+address\s+(?:error|not)",
    r"(?:ihre\s+)?(?:e-?mail|nachricht|mail)\s+(?:konnte|kann|wurde)\s+nicht|rücklauf|rückläufer|unzustellbarkeit|zustellbericht",
    r"avviso\s+di\s+mancata|posta\s+non\s+consegnata|notifica\s+(?:di\s+)?(?:mancat|stato)|message\s+(?:non|refus)|echec\s+(?:de|d)\s*|courrier\s+(?:non|refus)",
    r"devolução|mensagem\s+(?:devolvida|rejeitada)|erro\s+(?:de|na|no)\s+(?:entrega|envio)|correo\s+rechazado|mensaje\s+(?:rechazado|devuelto)|fallo\s+(?:en|de)",
    r"uw\s+(?:bericht|e-?mail)\s+(?:kon|kan|is)\s+niet|foutmelding|besked(?:en)?\s+(?:kunne|kan)\s+ikke|meddelandet\s+(?:kunde|kan)\s+inte|teslimat\s+(?:hatas|basarisiz)",
    r"来自\s*\S{1,80}\s*的退信|邮件(?:发送失败|被退回|无法)|您的邮件|郵件(?:無法|退回)|メール送信(?:失敗|エラー)|送信できません|宛先不明|메일\s*(?:반송|발송\s*실패)|\[?반송",
    r"(?:dsn|ndr|ndn|nondelivery)\b|delivery\s+(?:refused|denied|attempt)|(?:mail|message|e-?mail)\s+(?:error|bounced)|bounced\s*$|content\s+violation|transient\s+failure",
    r"μη\s+παραδοτέο|αποτυχία\s+παράδοσης|δεν\s+παραδόθηκε|(?:лист|письмо|пов[іи]домлення|сообщение)\s+не\s+доставлен|недоставен|не\s+може\s+да\s+бъде",
    r"לא\s+ניתן\s+למסירה|לא\s+נמסר|אי.?מסירה|غير\s+قابل|تعذر\s+(?:تسليم|إرسال|توصيل|التسليم)|فشل\s+(?:تسليم|إرسال|التسليم|الإرسال)|تحویل\s+(?:ناموفق|داده\s+نشد)",
    r"không\s+(?:gửi|thể\s+gửi|thể\s+phân)|thư\s+bị\s+trả|tidak\s+(?:terkirim|dapat)|gagal\s+(?:ter|di|meng)?kirim|ส่งไม่|ไม่สามารถส่ง|no\s+s'ha\s+pogut",
    r"nije\s+(?:isporuč|dostavljen)|ni\s+bilo\s+mogoče|nepristatyt|nepiegādāt|kohaletoimetam|kättetoimetam|toimetamata|发送失败|发信失败|郵件退回|메일\s*전송\s*실패|전달\s*실패",
    r"considered\s+unsolicited|banned\s+or\s+unsafe|mail\s+rejected|message\s+(?:rejected|blocked|you\s+sent\s+blocked)",
    r"unzustellbar|nicht\s+zustellbar|(?:mail|nachricht)\s+nicht\s+zugestellt|zustellung\s+(?:fehl|verz|nicht)",
    r"zustellungs?(?:fehler|problem)|fehler\s+(?:bei\s+der\s+)?zustellung|(?:unzustellbare|zurückgesendete)\s+",
    r"non\s+remis|non\s+distribu|message\s+non\s+(?:remis|délivré|distribué)|échec\s+(?:de\s+)?(?:la\s+)?(?:remise|livraison)",
    r"échec\s+de\s+(?:la\s+)?(?:distribution|transmission|l'envoi)|avis\s+de\s+non[\s-]remise|rapport\s+de\s+non",
    r"no\s+se\s+(?:puede|pudo|ha\s+podido)\s+entregar|no\s+entrega|error\s+(?:en\s+la|de)\s+entrega|mensaje\s+no\s+entregado",
    r"devuelto|correo\s+(?:devuelto|no\s+entregado)|imposible\s+(?:entregar|de\s+remettre)|notificación\s+de\s+(?:estado|error)",
    r"impossibile\s+(?:consegnare|recapitare)|mancata\s+consegna|mancato\s+recapito|non\s+recapitabile|consegna\s+non",
    r"não\s+(?:foi\s+possível\s+)?entreg|falha\s+(?:na|de)\s+entrega|mensagem\s+não\s+entregue|não\s+é\s+possível\s+entregar",
    r"onbestelbaar|niet\s+(?:te\s+)?(?:bezorg|bestel)|kan\s+niet\s+worden\s+(?:bezorgd|afgeleverd)|bezorging\s+mislukt",
    r"kan\s+ikke\s+leveres|ikke\s+leveret|levering\s+mislyk|kunde\s+inte\s+levereras|det\s+går\s+inte\s+att\s+leverera",
    r"olevererbart|ei\s+voi\s+toimittaa|toimittaminen\s+epäonnistui|ei\s+toimitettu|ikke\s+levert|kan\s+ikke\s+levere",
    r"niedostarcz|nie\s+(?:można|udało\s+się)\s+dostarczy|nie\s+dostarczono|zwrot\s+(?:poczty|wiadomości|przesyłki)",
    r"nedoruč|nelze\s+doručit|nepodařilo\s+se\s+doručit|nemožno\s+doručiť|kézbesíthetetlen|sikertelen\s+kézbesítés",
    r"nelivrat|nu\s+(?:poate|a\s+putut)\s+fi\s+livrat|teslim\s+edilem|iletilem|geri\s+dönen|nedostavljen|neisporuč",
    r"(?:ваше\s+)?сообщение\s+не\s+доставлено|не\s*доставлен|недостав|невозможно\s+доставить|не\s+удалось\s+доставить",
    r"возвра[тщ]|не\s+вдалося\s+доставити|не\s+доставлено|ошибка\s+доставки|δεν\s+(?:ήταν|είναι)\s+δυνατή\s+η\s+παράδοση",
    r"配信(?:不能|できません|エラー|失敗)|配送(?:エラー|失敗)|送信エラー|未配信|メール(?:が|を)?(?:送信|配信)(?:できません|エラー)",
    r"系统退信|退信|无法(?:投递|送达)|投递失败|未能送达|無法(?:傳遞|投遞|寄送)|傳送失敗|배달\s*실패|전송\s*실패|반송",
)
SUBJECT = re.compile(without_accents(rf"[\W_]*(?:{'|'.join(_SUBJECTS)})"), re.IGNORECASE)

# Anywhere in a subject: a hint that needs other signs.
HINT = re.compile(
    without_accents(
        r"undeliver|deliver\w*\s+(?:fail|problem|error|status|notif|report)|not\s+(?:be\s+)?deliver|fail(?:ed|ure)\b|return(?:ed|ing)\b"
        r"|reject|refus|block(?:ed)?\b|bounc|non-?deliver|delay|unknown|warning|error|mailbox|quota|full\b|status|your\s+(?:mail|message|e-?mail)"
        r"|zustell|fehler|remis|erreur|entreg|error|consegn|bezorg|lever|dostarcz|doruč|доставк|退信|退回|返送|エラー|반송"
    ),
    re.IGNORECASE,
)

# In the first lines of the text: that a delivery failed.
_TEXTS = (
    r"(?:could|can|was|were|has|have)\s*(?:not|n't)\s+(?:yet\s+)?(?:be(?:en)?\s+)?(?:able\s+to\s+)?(?:deliver|reach|sen[dt]\b)",
    r"(?:unable|failed|failure|attempts?)\s+(?:to\s+)?(?:be\s+)?deliver|cannot\s+be\s+deliver|undeliver(?:able|ed)",
    r"did\s+not\s+(?:reach|receive|arrive)|not\s+delivered|no\s+valid\s+recipients|non-?existent\s+(?:user|address|mailbox)",
    r"deliver(?:y|ies)\s+(?:to|of)\s[^.]{0,80}?(?:fail|abort|postpon|delay|suspend|unsuccess)|del[ei]very\s+(?:\w+\s+){0,5}fail",
    r"delivery\s+(?:attempts?|error|problem|subsystem)|fatal\s+(?:delivery\s+)?errors?|permanent\s+(?:fatal\s+)?(?:error|failure)",
    r"(?:no\s+such|unknown|invalid)\s+(?:user|recipient|address|mailbox|local|account|host|domain)|does\s+not\s+exist",
    r"(?:user|recipient|address|mailbox|account|host)\s+(?:is\s+|was\s+)?(?:\w+\s+)?(?:unknown|unavailable|rejected|disabled|full|inactive|not\s+found|invalid)",
    r"(?:message|mail|e-?mail)\s+(?:\S+\s+){0,8}(?:was|were|has\s+been|is\s+being|being)\s+(?:\w+\s+){0,2}(?:rejected|returned|blocked|bounced|refused|delayed|discarded)",
    r"over\s*quota|quota\s+exceeded|mailbox\s+(?:is\s+)?full|returned\s+(?:below|to\s+(?:you|sender))|rejected\s+by|blocked\s+by",
    r"did\s+not\s+(?:exactly\s+)?match|wasn't\s+able\s+to|unrouteable|relay(?:ing)?\s+(?:access\s+)?denied|doesn't\s+have\s+an?\s",
    r"no\s+user\s+(?:with|by)|no\s+(?:matches|such|user|mailbox|account)\b[^.]{0,60}(?:by\s+that\s+name|here|found|listed|query)|user\s+not\s+listed|not\s+listed\s+in|is\s+not\s+(?:a\s+)?(?:defined|recogni[sz]ed|known|member)",
    r"(?:not|never)\s+(?:be\s+)?(?:accepted|sent\s+to|received\s+by)|automatically\s+rejected|message\s+(?:is\s+)?non-?deliverable|wasn't\s+(?:delivered|found)|trouble\s+delivering|rejected\s+recipient",
    r"has\s+encountered\s+delivery|undeliverable\s+(?:address|mail|message)|(?:bad|invalid|unknown|nonexistent|illegal)\s+(?:final\s+|receiver\s+|recipient\s+|local\s+|host/?)?(?:delivery\s+)?(?:userid|address|addresses|host|domain)",
    r"is\s+still\s+(?:being\s+)?(?:retried|undeliver|in\s+the\s+queue)|not\s+deliver(?:able|ed)|mailbox\s+of\s+\S{1,100}\s+is\s+full|refuses\s+(?:it|your|to)|error-(?:text|code)\s*:|failed\s+to\s+send",
    r"(?:address|recipient|user|mailbox)[^.]{0,40}(?:ambiguous|couldn't\s+be\s+found|not\s+exist|not\s+recogni[sz]ed|no\s+longer)|not\s+(?:authorized|allowed|permitted)\s+to\s+(?:send|post)",
    r"(?:wurde|konnte)\s+nicht|ist\s+nicht\s+erreichbar|postfach\s+(?:ist\s+)?voll|n'existe\s+pas|non\s+(?:è\s+stato\s+)?consegnat|non\s+esiste|não\s+(?:existe|encontrad)|bestaat\s+niet",
    r"δεν\s+παραδόθηκε|δεν\s+(?:ήταν|μπόρεσε)|не\s+вдалося|недоставен|לא\s+נמסר|לא\s+ניתן|تعذر\s|فشل\s|لم\s+يتم|لا\s+يمكن\s+تسليم|không\s+thể|tidak\s+(?:dapat|bisa|terkirim)|ไม่สามารถ",
    r"(?:deliver|message|mail|e-?mail)\S*\s+(?:\S+\s+){0,6}(?:has\s+)?(?:failed\s+permanently|bounced|and\s+failed)|is\s+(?:temporarily\s+)?(?:un|not\s+)deliverable|executing\s+mail|violates\s+our|(?:not|cannot\s+be)\s+delivered",
    r"nije\s+(?:isporuč|moguće)|ni\s+bilo\s+mogoče|nepavyko|nevarēja|ei\s+(?:saanud|õnnestunud)|发送失败|寄送失败|無法寄送|已退回|被退|보내지\s*못|전달되지|전달할\s*수",
    r"nie\s+(?:mogl|zostal|istnieje)|brak\s+(?:uzytkownik|adres)|teslim\s+edileme|ulaştırılamadı|被退回|收件人不存在|無此|届きませんでした|存在しません|見つかりませんでした|전송되지|존재하지",
    r"nicht\s+(?:\w+\s+){0,3}(?:zugestellt|zustell|erreich|ausgeliefert)|konnte\s+nicht|unzustellbar|empfänger\s+unbekannt",
    r"n'a\s+pas\s+(?:pu\s+)?(?:été\s+|être\s+)?(?:remis|distribu|délivr)|n'a\s+pu\s+être|impossible\s+de\s+(?:remettre|distribuer)",
    r"no\s+(?:se\s+)?(?:pudo|puede|ha\s+podido|ha\s+sido)\s+(?:ser\s+)?(?:entreg|enviar|posible)|no\s+existe",
    r"non\s+(?:è\s+stato\s+possibile|può\s+essere|è\s+stato)\s+(?:\w+\s+)?(?:consegn|recapit)|impossibile\s+(?:consegnare|recapitare)",
    r"não\s+(?:pôde|pode|foi|foi\s+possível)\s+(?:ser\s+)?(?:entreg|enviad)|kon(?:den)?\s+niet\s+worden\s+(?:bezorgd|afgeleverd)",
    r"kunne\s+ikke\s+lever|kunde\s+inte\s+lever|ei\s+voitu\s+toimittaa|nie\s+(?:mógł|można|udało)|nelze\s+doručit|nem\s+(?:sikerült|lehetett)",
    r"не\s+(?:было\s+|был[ао]?\s+|может\s+быть\s+)?доставлен|не\s+удалось|не\s+может\s+быть|отклонен|невозможно\s+доставить",
    r"送信できません|配信できません|届けることができません|エラーのため|見つかりません|无法(?:发送|投递|送达)|退信|不存在|無法|배달되지|전송하지",
)
TEXT = re.compile(without_accents("|".join(_TEXTS)), re.IGNORECASE)

# How bounces begin. A person's mail begins so only where they pasted a bounce.
OPENING = re.compile(
    r"created\s+automatically\s+by\s+(?:the\s+)?(?:mail|facebook)|this\s+is\s+the\s+(?:mail\s+system|qmail|deliver|email\s+server|\S+\s+program)"
    r"|automatically[\s-]generated\s+(?:delivery|message)|machine\s+generated\s+message|here\s+is\s+your\s+list\s+of\s+failed|transcript\s+of\s+session"
    r"|following\s+address(?:\(?es\)?)?\s+(?:had|have|did|failed)|failed\s+(?:recipients?|address(?:es)?)\b|undeliver(?:able|ed)\s+(?:mail|address|message|to)"
    r"|intended\s+recipient|message\s+(?:log\s+follows|from\s+interscan)|error\s+description|failure\s+reasons?|advisory-only|warning\s+message\s+only"
    r"|a\s+message\s+(?:that\s+)?(?:you\s+)?(?:have\s+)?sent|(?:this|the)\s+(?:message|mail|e-?mail)\s+(?:below\s+|that\s+you\s+sent\s+)?(?:was|could)"
    r"|your\s+(?:mail|message|e-?mail)\s+(?:dated|sent|to|addressed|with|has|was|is|did|could|can)|^\W*your\s+message\W*$|bad\s+address|invalid\s+(?:final|receiver|recipient)"
    r"|message\s+not\s+delivered|unable\s+to\s+deliver|could\s+not\s+deliver|delivery\s+to\s+the\s+following|message\s+could\s+not\s+be\s+delivered"
    r"|ihre\s+(?:nachricht|e-?mail|mail)|votre\s+(?:message|courriel|e-?mail)|su\s+(?:mensaje|correo)|il\s+(?:tuo\s+|suo\s+)?messaggio|a\s+sua\s+mensagem|uw\s+(?:bericht|e-?mail)"
    r"|din\s+(?:besked|e-?post|melding)|ditt\s+meddelande|twoja\s+wiadomo|vaše\s+zpráv|ваше\s+(?:письмо|сообщение)|您的邮件|您的郵件|このメール|あなたの(?:メール|送信)",
    re.IGNORECASE | re.MULTILINE,
)
# How a person writes about a bounce; servers do not.
PERSONAL = re.compile(
    without_accents(
        r"\bmy\s+(?:e-?mails?|mails?|messages?|answer|reply|order|customers?|account|colleague|boss|server|parcel|provider)\b"
        r"|\bi\s+(?:got|get|keep|received|receive|sent|wrote|am\s+(?:getting|trying|writing)|would|need|want|think|wonder|called|have\s+(?:been|sent|tried|a))\b"
        r"|\bi've\s+(?:got|sent|been)|what\s+does\s+(?:it|this|that)\s+mean|\b(?:wrote|commented)\s*:|please\s+(?:have\s+a\s+look|look|help|unblock|advise|remove|fix|tell|call)|(?:can|could|would)\s+(?:you|somebody|someone|anyone)|\bour\s+(?:mails?|customers?|newsletter|it)\b"
        r"|\bmeine?r?\s+(?:e-?mails?|mails?|nachricht|antwort)|\bich\s+(?:habe|bekomme|bekam|erhalte|wollte)|können\s+sie|könnt\s+ihr|was\s+bedeutet"
        r"|\bmon\s+(?:e-?mail|mail|message|courriel)|\bj'ai\s|pouvez-vous|que\s+veut\s+dire|\bmi\s+(?:correo|mensaje|e-?mail)|\bhe\s+(?:recibido|enviado)|pueden?\s+ayudar"
        r"|\bla\s+mia\s+(?:e-?mail|mail)|\bho\s+(?:ricevuto|inviato)|\bmijn\s+(?:e-?mail|mail|bericht)|\bik\s+(?:kreeg|krijg|heb)\b|\b(?:meu|minha)\s+(?:e-?mail|mensagem)"
    ),
    re.IGNORECASE,
)
# Greetings, closings and questions of a person; polite programs have them too.
GREETING = re.compile(
    without_accents(
        r"\?(?:\s|$)|^\W*(?:dear|hi|hello|good\s+(?:morning|day|afternoon)|hallo|guten\s+tag|moin|liebe[rs]?|sehr\s+geehrte|bonjour|hola|buenos|ciao|buongiorno|olá|bom\s+dia"
        r"|hej|hei|beste|geachte|cześć|dzień\s+dobry|dobrý\s+den|здравствуйте|добрый)\b|\b(?:best|kind|many)?\s*(?:regards|thanks|cheers)\b|grüße|gruß|cordialement|saludos"
        r"|cordiali\s+saluti|groeten|hilsen|hälsningar|pozdraw|с\s+уважением"
    ),
    re.IGNORECASE | re.MULTILINE,
)
# Parcels are delivered too.
PARCEL = re.compile(
    without_accents(
        r"parcel|package|shipment|courier|tracking|driver|\byour\s+order\b|\border\s+(?:no|number|\W?\d)|ordered|doorstep|paket|sendung|bestellung|lieferung|colis|livraison\s+de|paquete|pedido|pacco|spedizione"
        r"|pakket|zending|pakke|försändelse|przesyłk|paczk|zásilk|посылк|заказ|荷物|包裹|快递|택배"
    ),
    re.IGNORECASE,
)

# The delivery is delayed, and the server keeps trying.
DELAY = re.compile(
    r"\bdelay(?:ed)?\b|not\s+yet\s+been\s+delivered|will\s+(?:continue|keep|be\s+retried|retry|try)|still\s+(?:being\s+)?(?:try|retri)"
    r"|attempts\s+will\s+continue|delivery\s+warning|postponed|no\s+need\s+to\s+(?:resend|retry)|(?:do|need)\s+not\s+(?:need\s+to\s+)?resend"
    r"|temporar(?:y|ily)|\bdeferred\b|verzöger|wird\s+weiterhin\s+versucht|retard[ée]|retrasad|ritardat|atrasad|vertraagd"
    r"|opóźni|отложен|задерж|遅延|延迟|延遲",
    re.IGNORECASE,
)
# The server gave up, even if the text also mentions a delay.
GIVEN_UP = re.compile(
    r"permanent|fatal|cannot\s+send\s+(?:message|mail)\s+(?:for|within)|gave\s+up|giving\s+up|given\s+up|will\s+not\s+(?:be\s+)?(?:retr|try)|could\s+not\s+be\s+delivered\s+for|has\s+been\s+(?:deleted|removed)"
    r"|no\s+further\s+attempts|returned\s+to\s+sender|failed\s+after|too\s+long",
    re.IGNORECASE,
)

# The line above the bounced mail.
ORIGINAL = re.compile(
    r"[\s|>*=_\-]*(?:start\s+of\s+)?(?:(?:this\s+is\s+(?:a|the)\s+)?(?:copy\s+of\s+(?:the|your)\s+|the\s+|your\s+)?(?:original|returned|undelivered|unsent|failed)?"
    r"\s*(?:message|mail|e-?mail)(?:\s+(?:text|headers?|content))?\s+(?:follows|headers|including|below|returned|attached|header)"
    r"|original\s+(?:message|mail|e-?mail|text)\b|below\s+this\s+line\s+is\s+a\s+copy|--\s+the\s+header\s+and\s+top"
    r"|(?:this|here)\s+is\s+a\s+copy\s+of|returned\s+message|the\s+first\s+\d+\s+lines|unsent\s+message\s+below|returned\s+message|message\s+headers"
    r"|ursprüngliche\s+nachricht|message\s+(?:d'origine|original)|mensaje\s+original|messaggio\s+originale"
    r"|исходное\s+(?:письмо|сообщение)|元のメッセージ|原信|---\s*below\s+the\s+next)",
    re.IGNORECASE,
)
