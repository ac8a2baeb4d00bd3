"""What mail servers write in their subjects and texts when a mail did not arrive, in the languages they use."""
# ruff: noqa: RUF001 (letters of other alphabets are the point here)

import re

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
SUBJECT = re.compile(rf"[\W_]*(?:{'|'.join(_SUBJECTS)})", re.IGNORECASE)

# In the first lines of the text; each speaks of a mail, of an address, or of a try to deliver.
_TEXTS = (
    r"(?:could|can|was|were|has|have)\s*(?:not|n't)\s+(?:yet\s+)?(?:be(?:en)?\s+)?(?:able\s+to\s+)?(?:deliver|reach|sen[dt]\b)",
    r"(?:unable|failed|failure|attempts?)\s+(?:to\s+)?(?:be\s+)?deliver|cannot\s+be\s+deliver|undeliver(?:able|ed)",
    r"did\s+not\s+(?:reach|receive|arrive)|not\s+delivered|no\s+valid\s+recipients|non-?existent\s+(?:user|address|mailbox)",
    r"deliver(?:y|ies)\s+(?:to|of)\s[^.]{0,80}?(?:fail|abort|postpon|delay|suspend|unsuccess)|del[ei]very\s+(?:\w+\s+){0,5}fail",
    r"delivery\s+(?:attempts?|error|problem|subsystem)|fatal\s+(?:delivery\s+)?errors?|permanent\s+(?:fatal\s+)?(?:error|failure)",
    r"(?:no\s+such|unknown|invalid)\s+(?:user|recipient|address|mailbox|local|account|host|domain)|does\s+not\s+exist",
    r"(?:user|recipient|address|mailbox|account|host)\s+(?:is\s+|was\s+)?(?:\w+\s+)?(?:unknown|unavailable|rejected|disabled|full|inactive|not\s+found|invalid)",
    r"(?:message|mail|e-?mail)\s+(?:\w+\s+){0,8}(?:was|were|has\s+been|is\s+being|being)\s+(?:\w+\s+){0,2}(?:rejected|returned|blocked|bounced|refused|delayed|discarded)",
    r"over\s*quota|quota\s+exceeded|mailbox\s+(?:is\s+)?full|returned\s+(?:below|to\s+(?:you|sender))|rejected\s+by|blocked\s+by",
    r"did\s+not\s+(?:exactly\s+)?match|wasn't\s+able\s+to|unrouteable|relay(?:ing)?\s+(?:access\s+)?denied|doesn't\s+have\s+an?\s",
    r"nicht\s+(?:\w+\s+){0,3}(?:zugestellt|zustell|erreich|ausgeliefert)|konnte\s+nicht|unzustellbar|empfänger\s+unbekannt",
    r"n'a\s+pas\s+(?:pu\s+)?(?:été\s+|être\s+)?(?:remis|distribu|délivr)|n'a\s+pu\s+être|impossible\s+de\s+(?:remettre|distribuer)",
    r"no\s+(?:se\s+)?(?:pudo|puede|ha\s+podido|ha\s+sido)\s+(?:ser\s+)?(?:entreg|enviar|posible)|no\s+existe",
    r"non\s+(?:è\s+stato\s+possibile|può\s+essere|è\s+stato)\s+(?:\w+\s+)?(?:consegn|recapit)|impossibile\s+(?:consegnare|recapitare)",
    r"não\s+(?:pôde|pode|foi|foi\s+possível)\s+(?:ser\s+)?(?:entreg|enviad)|kon(?:den)?\s+niet\s+worden\s+(?:bezorgd|afgeleverd)",
    r"kunne\s+ikke\s+lever|kunde\s+inte\s+lever|ei\s+voitu\s+toimittaa|nie\s+(?:mógł|można|udało)|nelze\s+doručit|nem\s+(?:sikerült|lehetett)",
    r"не\s+(?:было\s+|был[ао]?\s+|может\s+быть\s+)?доставлен|не\s+удалось|не\s+может\s+быть|отклонен|невозможно\s+доставить",
    r"送信できません|配信できません|届けることができません|エラーのため|見つかりません|无法(?:发送|投递|送达)|退信|不存在|無法|배달되지|전송하지",
)
TEXT = re.compile("|".join(_TEXTS), re.IGNORECASE)

# The mail waits, and the server goes on trying.
DELAY = re.compile(
    r"\bdelay(?:ed)?\b|not\s+yet\s+been\s+delivered|will\s+(?:continue|keep|be\s+retried|retry|try)|still\s+(?:being\s+)?(?:try|retri)"
    r"|attempts\s+will\s+continue|delivery\s+warning|postponed|no\s+need\s+to\s+(?:resend|retry)|(?:do|need)\s+not\s+(?:need\s+to\s+)?resend"
    r"|temporar(?:y|ily)|\bdeferred\b|verzöger|wird\s+weiterhin\s+versucht|retard[ée]|retrasad|ritardat|atrasad|vertraagd"
    r"|opóźni|отложен|задерж|遅延|延迟|延遲",
    re.IGNORECASE,
)
# Even where trying was mentioned, this says that it is over.
GIVEN_UP = re.compile(
    r"permanent|fatal|gave\s+up|giving\s+up|given\s+up|will\s+not\s+(?:be\s+)?(?:retr|try)|could\s+not\s+be\s+delivered\s+for|has\s+been\s+(?:deleted|removed)"
    r"|no\s+further\s+attempts|returned\s+to\s+sender|failed\s+after|too\s+long",
    re.IGNORECASE,
)

# Below such a line stands the mail that bounced.
ORIGINAL = re.compile(
    r"[\s|>*=_\-]*(?:start\s+of\s+)?(?:(?:this\s+is\s+(?:a|the)\s+)?(?:copy\s+of\s+(?:the|your)\s+|the\s+|your\s+)?(?:original|returned|undelivered|unsent|failed)?"
    r"\s*(?:message|mail|e-?mail)(?:\s+(?:text|headers?|content))?\s+(?:follows|headers|including|below|returned|attached|header)"
    r"|original\s+(?:message|mail|e-?mail|text)\b|below\s+this\s+line\s+is\s+a\s+copy|--\s+the\s+header\s+and\s+top"
    r"|(?:this|here)\s+is\s+a\s+copy\s+of|returned\s+message|the\s+first\s+\d+\s+lines|unsent\s+message\s+below|returned\s+message|message\s+headers"
    r"|ursprüngliche\s+nachricht|message\s+(?:d'origine|original)|mensaje\s+original|messaggio\s+originale"
    r"|исходное\s+(?:письмо|сообщение)|元のメッセージ|原信|---\s*below\s+the\s+next)",
    re.IGNORECASE,
)
