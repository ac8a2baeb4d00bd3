"""Phrases of mail programs above quotes and forwarded mail, and in signatures, in some thirty languages."""
# ruff: noqa: RUF001 (letters of other alphabets are the point here)

# The verb of "On ... somebody wrote:". Regular expressions, one language on each line.
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
    r"כתבה?|كتبت?|نوشت",
)
WROTE = "|".join(_WROTE)

# The first word of an attribution, before the date.
OPENERS = (
    r"d\.|la\s+data\s+de|ב-?|on|at|am|um|le|el|il|em|op|den|dne|dňa|w\s+dniu|dnia|pe|på|kl|ma|the|in\s+data|il\s+giorno|vào|pada|date"
    r"|d[ée]n|em\s+\w+|il\s+\w+|el\s+\w+|le\s+\w+|lørdag|лв|în|בתאריך|في|بتاريخ|در\s+تاریخ|u|в|на|në|στις|от|a"
)

# Between dashes: "----- Forwarded Message -----".
_FORWARD_TITLE = (
    r"forward|fwd\.\s?msg|weitergeleitet",
    r"transf[ée]r|réexpédi|transmis",
    r"reenvia[dt]|reencaminhad|encaminhad|inoltrat|rebotad",
    r"doorgestuurd|doorgezonden",
    r"vidarebefordra|videresend|framsent|välitetty|edelleenlähetetty",
    r"przekazan|przekazywan|przesłan[ae]\s+dalej|přeposlan|přeposílan|preposlan|preposielan|posredovan",
    r"prosljeđen|proslijeđen|prosleđen|прослеђен",
    r"továbbított|redirecțion|redirection|[iİ]letil(?:en|miş)|yönlendirilen|edastatud|persiųst|pārsūtīt",
    r"пересыла|пересила|пересла|переадресован|перенаправл|препратен|препраќа|προωθ",
    r"转发|轉寄|轉發|転送|전달|שהועבר|מועבר|הועבר|محولة|توجيه|diteruskan|chuyển\s+tiếp|ส่งต่อ",
)
FORWARD_TITLE = "|".join(_FORWARD_TITLE)

# Between dashes: "----- Original Message -----".
_ORIGINAL = (
    r"original|origin[ae]|reply\s+message|wrote",
    r"ursprüngliche|ursprungliche|d'origine",
    r"oorspronkelijk|ursprungligt|oprindelig|opprinnelig|alkuperäinen",
    r"oryginaln|wiadomość|původní|pôvodn|izvorna|izvirno",
    r"eredeti|mesaj\s+ini|mesajul|özgün|orijinal|algne",
    r"исходное|вихідне|оригинал|оригінал|αρχικό",
    r"原始邮件|原始郵件|元のメッセージ|원본|הודעה|الرسالة|pesan\s+asli|thư\s+gốc",
)
FORWARD_OR_ORIGINAL = "|".join((*_FORWARD_TITLE, *_ORIGINAL))

# Alone on a line: "Begin forwarded message:".
_BEGIN_FORWARD = (
    r"(?:begin\s+)?forwarded\s+message|forwarded\s+by\s.{1,60}",
    r"(?:anfang\s+der\s+)?weitergeleitete[nr]?\s+(?:nachricht|e-mail)",
    r"début\s+du\s+message\s+(?:réexpédié|transféré)|message\s+transféré",
    r"inicio\s+del\s+mensaje\s+reenviado|início\s+da\s+mensagem\s+(?:reencaminhada|encaminhada)",
    r"inici\s+del\s+missatge\s+reenviat|(?:inizio\s+(?:del\s+)?)?messaggio\s+inoltrato",
    r"(?:begin\s+)?doorgestuurd\s+bericht|vidarebefordrat\s+(?:brev|mejl|meddelande)",
    r"(?:start\s+på\s+)?videresendt\s+(?:besked|meddelelse|melding)",
    r"początek\s+przek[a-zł]+\s+wiadomości|välitetty\s+viesti(?:\s+alkaa)?",
    r"začátek\s+přepos[íi]?lan[éa]\s+zprávy|začátek\s+přeposílané\s+zprávy|začiatok\s+preposlanej\s+správy",
    r"započni\s+proslijeđenu\s+poruku|početak\s+proslijeđene\s+poruke|továbbított\s+(?:levél|üzenet)\s+kezdete",
    r"începe\s+mesajul\s+redirecționat|(?:пересылаемое|пересланное)\s+сообщение",
    r"начало\s+(?:переадресованного|пересылаемого|пересланного)\s+сообщения",
    r"початок\s+листа,\s+(?:що|який)\s+пересила[а-яєіїґ]+|αρχή\s+προωθημένου\s+μηνύματος",
    r"başlangıç:\s+iletilen\s+ileti|iletilen\s+ileti(?:\s+başlangıcı)?",
    r"转发的邮件|开始转发的?邮件|開始轉寄(?:的)?郵件|転送されたメッセージ|전달된\s+메시지(?:\s+시작)?",
    r"תחילת\s+ההודעה\s+שהועברה|بداية\s+الرسالة\s+المُ?عاد\s+توجيهها|mulai\s+pesan\s+yang\s+diteruskan",
    r"bắt\s+đầu\s+thư\s+được\s+chuyển\s+tiếp",
)
BEGIN_FORWARD = "|".join(_BEGIN_FORWARD)

# The header fields shown above a forwarded or answered mail, in lower case.
_FIELDS = {
    "from": (
        "from, von, de, da, fra, från, van, od, от, від, від кого, от кого, lähettäjä, feladó, kimden, gönderen",
        "din, de la, expeditor, expeditorul, saatja, nadawca, şu kişiden, expéditeur, remitente, remetente, mittente",
        "afsender, avsändare, avsender, afzender, absender, šalje, pošiljatelj, frá, nuo, από, dari, từ, отправитель",
        "发件人, 寄件者, 寄件人, 差出人, 送信元, 送信者, 보낸사람, 보낸 사람, מאת, من, از, จาก",
    ),
    "date": (
        "date, sent, datum, gesendet, gesendet am, envoyé, envoyé le, message du, fecha, enviado, enviado el, data",
        "enviado em, enviada em, inviato, verzonden, dato, sendt, skickat, päivämäärä, päiväys, lähetetty",
        "wysłano, wysłane, odesláno, odoslané, dátum, dňa, küldve, elküldve, dată, trimis, tarih, gönderildi",
        "gönderilen",
        "gönderme tarihi, отправлено, дата, надіслано, изпратено, kuupäev, saadetud, poslano, dagsetning, išsiųsta",
        "ημερομηνία, στάλθηκε, tanggal, dikirim, ngày, đã gửi, enviat, 发送时间, 發送時間, 日期, 寄件日期, 傳送日期",
        "送信日時, 送信日, 日付, 日時, 날짜, 보낸 날짜, נשלח, תאריך, التاريخ, تم الإرسال",
        "تاريخ الإرسال, تاریخ, ارسال, วันที่",
    ),
    "to": (
        "to, an, à, a, para, per, aan, til, till, vastaanottaja, do, komu, pro, pre, címzett, către, kime, alıcı",
        "destinatarul, кому, до, dla, saaja, kellele, za, prima, primatelj, destinataire, destinatario, pour",
        "empfänger, odbiorca, kam, προς, kepada, đến, tới, per a, 收件人, 收件者, 宛先, 送信先, 받는사람, 받는 사람",
        "אל, إلى, به, ถึง",
    ),
    "cc": (
        "cc, kopie, copie, copie à, copia, kopia, kópia, másolat, másolatot kap, másolatot kap még, bilgi",
        "копия",
        "копія, копие, kopi, kopio, koopia, dw, ud, cópia, kopija, κοιν, κοιν., kp, afrit",
        "κοινοποίηση, tembusan, 抄送, 副本, 참조, עותק",
        "reply-to, reply to, antwort an, répondre à, responder a, rispondi a, odpovědět, svar til, svara till",
        "bcc, wichtigkeit, importance, priority, priorität, attachments, anlagen, organization, organisation",
    ),
    "subject": (
        "subject, betreff, objet, sujet, asunto, oggetto, assunto, onderwerp, emne, ämne, aihe, temat",
        "předmět, predmet, zadeva, tárgy, subiect, subiectul, konu, тема, tema, относно, teema, efni, assumpte",
        "θέμα, perihal, subjek, chủ đề, 主题, 主旨, 主題, 件名, 題名, 제목, נושא, الموضوع, موضوع, หัวเรื่อง",
    ),
}
FIELD_KINDS = {name: kind for kind, lines in _FIELDS.items() for line in lines for name in line.split(", ")}

# "Sent from my phone": verb, preposition, and whole sentences that have another form.
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
