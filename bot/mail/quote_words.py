"""The words that mail programs of some thirty languages put above quotes, forwarded mail and below a mail."""
# ruff: noqa: RUF001 (letters of other alphabets are the point here)

# "On ... somebody wrote:" ends with, or holds, one of these. Regular expressions, one language a line.
_WROTE = (
    r"wrote|writes",
    r"schrieb|schrieben|geschrieben",
    r"a\s+[ée]crit|[ée]crivait",
    r"escribi[óo]|ha\s+escrit|va\s+escriure",
    r"escreveu",
    r"ha\s+scritto|scrisse",
    r"schreef|geschreven",
    r"skrev|skreiv|har\s+skrivit|skrifaði",
    r"kirjoitti",
    r"napisał(?:\(a\)|a)?|pisze",
    r"napsal(?:\(a\)|a)?",
    r"nap[íi]sal(?:\(a\)|a)?",
    r"je\s+napisa[ol]a?|napisao(?:\s+je)?",
    r"írta",
    r"a\s+scris|scrie",
    r"(?:şunu\s+)?yazdı|tarihinde",
    r"написал(?:\(а\)|а)?|писал(?:\(а\)|а)?|пишет",
    r"написав(?:\(ла\))?|пише",
    r"написа",
    r"έγραψε",
    r"rašė|rakstīja|kirjutas",
    r"(?:đã\s+)?viết|menulis",
    r"写道|写到|寫道|書きました|のメール|작성",
    r"כתב|كتب",
)
WROTE = "|".join(_WROTE)

# What such a line begins with, before a date.
OPENERS = (
    r"on|at|am|um|le|el|il|em|op|den|dne|dňa|w\s+dniu|dnia|pe|på|kl|ma|the|in\s+data|il\s+giorno|vào|pada|date"
    r"|d[ée]n|em\s+\w+|il\s+\w+|el\s+\w+|le\s+\w+|lørdag|лв|în|u|в|на|në|στις|от|a"
)

# Between dashes: "----- Original Message -----".
_FORWARDED = (
    r"original|forward|reply\s+message|wrote",
    r"weitergeleitet|ursprüngliche|ursprungliche",
    r"transf[ée]r|transmis|d'origine",
    r"origin[ae]|reenviado|encaminhad|inoltrat",
    r"oorspronkelijk|doorgestuurd",
    r"vidarebefordra|ursprungligt|videresend|oprindelig|opprinnelig|alkuperäinen|välitetty",
    r"przekazan|oryginaln|wiadomość|přeposlan|původní|preposlan|pôvodn|prosljeđen|proslijeđen",
    r"továbbított|eredeti|redirecțion|mesaj\s+ini|mesajul|iletilen|özgün|orijinal|edastatud",
    r"пересыла|пересла|исходное|вихідне|оригинал",
    r"转发|轉寄|原始邮件|原始郵件|転送|元のメッセージ|전달|원본|הודעה|الرسالة",
)
FORWARDED = "|".join(_FORWARDED)

# Alone on a line: "Begin forwarded message:".
_BEGIN_FORWARD = (
    r"begin forwarded message|forwarded by .{1,60}",
    r"anfang der weitergeleiteten (?:nachricht|e-mail)",
    r"début du message (?:réexpédié|transféré)",
    r"inicio del mensaje reenviado|início da mensagem (?:reencaminhada|encaminhada)|inizio messaggio inoltrato",
    r"begin doorgestuurd bericht|vidarebefordrat brev|start på videresendt besked|videresendt melding",
    r"początek przekazywanej wiadomości|välitetty viesti alkaa|пересылаемое сообщение",
    r"başlangıç: iletilen ileti",
)
BEGIN_FORWARD = "|".join(_BEGIN_FORWARD)

# The fields of the head that a forwarded or answered mail shows, in lower case.
_FIELDS = {
    "from": (
        "from, von, de, da, fra, från, van, od, от, від, lähettäjä, feladó, kimden, gönderen",
        "din, de la, saatja, nadawca, şu kişiden, expéditeur, remitente, mittente, afsender, avsändare",
        "frá, pošiljatelj, 发件人, 寄件者, 差出人, 보낸사람, מאת, من",
    ),
    "date": (
        "date, sent, datum, gesendet, envoyé, envoyé le, message du, fecha, enviado, enviado el, data",
        "inviato, verzonden, dato, sendt, skickat, päivämäärä, lähetetty, wysłano, wysłane, odesláno, odoslané",
        "dátum, dňa, küldve, elküldve, dată, trimis, tarih, gönderildi, отправлено, дата, надіслано, kuupäev, saadetud",
        "poslano, 发送时间, 日期, 送信日時, 日付, 날짜, נשלח",
    ),
    "to": (
        "to, an, à, a, para, per, aan, til, till, vastaanottaja, do, komu, pro, címzett, către, kime, alıcı",
        "кому, dla, saaja, za, destinataire, destinatario, 收件人, 宛先, 받는사람, אל",
    ),
    "cc": (
        "cc, kopie, copie, copie à, copia, kopia, kópia, másolatot kap, bilgi, копия, копія, kopi",
        "抄送, reply-to, antwort an, répondre à",
    ),
    "subject": (
        "subject, betreff, objet, sujet, asunto, oggetto, assunto, onderwerp, emne, ämne, aihe, temat",
        "předmět, predmet, tárgy, subiect, konu, тема, teema, 主题, 主旨, 件名, 제목, נושא, الموضوع",
    ),
}
FIELD_KINDS = {name: kind for kind, lines in _FIELDS.items() for line in lines for name in line.split(", ")}

# "Sent from my phone", in three parts that may be missing or in another order.
SENT = (
    r"sent|gesendet|envoyé|enviado|inviato|verzonden|verstuurd|skickat|sendt|lähetetty|wysłan[eoay]|odesláno"
    r"|odoslané|trimis|отправлено|надіслано|küldve|elküldve|poslano|saadetud|发自|從我的"
)
SENT_FROM = (
    r"from|via|with|using|by|von|mit|aus|über|de|du|depuis|à\spartir|desde|do|da|dal|con|tramite|vanaf|van|met"
    r"|från|fra|med|z|ze|za|de\spe|din|с|из|от|з|iz|minu|my"
)
_SENT_OTHERWISE = (
    r"get\s+outlook\s+for\s+\w+.{0,40}",
    r"obtenir\s+outlook\s+pour.{0,40}",
    r"outlook\s+für\s+\w+\s+herunterladen.{0,40}",
    r"von\s+meinem\s+\w.{0,40}\s+gesendet.{0,30}",
    r"iphone'umdan\s+gönderildi",
    r"发自我的.{0,40}",
    r"iPhoneから送信",
)
SENT_OTHERWISE = "|".join(_SENT_OTHERWISE)
DEVICES = (
    r"iphone|ipad|ipod|android|blackberry|outlook|samsung|galaxy|mobil|handy|phone|huawei|xiaomi|nokia|windows|mail"
    r"|yahoo|gmail|tablet|device|appareil|dispositivo|smartphone|proton|pixel|motorola|htc|sony|телефон|我的"
)
