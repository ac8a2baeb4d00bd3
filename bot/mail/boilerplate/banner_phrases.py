"""Phrases of the banners that companies put above external mail, in many languages."""
# ruff: noqa: RUF001 (letters of other alphabets are the point here)

# Words for "external" as a tag in brackets, or alone on a line or in a subject. Regular expressions, without accents.
_OUTSIDE = (
    r"external|externally|ext|extern|externe[sr]?|externer|esterno|esterna|externo|externa|eksternt?|ekstern|ulkoinen",
    r"zewn[eę]trzn[aye]|extern[ií]|outside|внешн\w+|зовнішн\w+|kulso|dis|haric[iı]|exterieur|外部|社外|외부",
    r"חיצוני|خارجي|εξωτερικ\w+",
)
OUTSIDE = "|".join(_OUTSIDE)
_MAIL = (
    r"e-?mails?|mails?|e-?posta?|messages?|senders?|sources?|origins?|contacts?|nachricht|absender|correos?|remitente",
    r"courriel|expediteur|mittente|messaggio|remetente|mensagem|afzender|bericht|avsandare|meddelande|afsender|avsender",
    r"viesti|lahettaja|sahkoposti|wiadomosc|nadawca|odesilatel|zprava|письмо|отправитель|сообщение|відправник|лист|felado",
    r"expeditor|gonderen|邮件|郵件|发件人|寄件人|メール|送信者|메일|발신자|이메일|שולח|דואר|بريد|مرسل",
)
MAIL = "|".join(_MAIL)
_TAKE_CARE = (
    r"caution|warning|attention|alert|beware|notice|achtung|vorsicht|warnung|hinweis|avertissement|prudence",
    r"precaucion|advertencia|atencion|attenzione|avviso|atencao|cuidado|aviso|let op|waarschuwing|varning|obs|advarsel",
    r"huomio|varoitus|uwaga|ostrzezenie|upozorneni|pozor|внимание|осторожно|увага|обережно|dikkat|uyari|προσοχη",
    r"figyelem|figyelmeztetes|atentie|注意|警告|주의|경고|זהירות|אזהרה|تحذير|تنبيه|important|wichtig|safety tip",
    r"security warning|security notice",
)
TAKE_CARE = "|".join(_TAKE_CARE)

# That the mail is external: stems, separated by commas; accents do not matter.
FROM_OUTSIDE = """
    originated outside, originated from outside, originates from outside, originates outside, sent from outside,
    came from outside, comes from outside, is from outside, received from outside, generated from outside,
    coming from outside, from someone outside, by someone outside, from an external, by an external,
    originated externally, originated from an ext, external to your org, external to the org, external to our org,
    outside of the org, outside of your org, outside your org, outside the org, outside of our org,
    outside our org, outside the company, external email, external sender, external mail, external message,
    external source, not from within,
    ausserhalb der org, ausserhalb ihrer, ausserhalb unserer, ausserhalb des unternehmens, ausserhalb der firma,
    von extern, externe email,
    externe mail, externer absender, externen absender, externe nachricht, externen quelle, von ausserhalb,
    externes email,
    exterieur de l, exterieur de v, exterieur de n, expediteur externe, email externe, courriel externe,
    message externe, provient de l'exter, de l'externe, source externe, messagerie externe, externe a,
    fuera de la org, fuera de su, fuera de nuestra, externo a la, remitente externo, correo externo, externos a,
    mensaje externo, origen externo, ajeno a la, fuera de la emp, fuera de tu,
    all'esterno, dall'esterno, mittente esterno, email esterna, esterno all'org, esterna all'org,
    messaggio esterno, fuori dall'org, esterni all',
    fora da org, fora da sua, fora da nossa, remetente externo, email externo, externo a org, mensagem externa,
    externa a org, de fora da, exterior a org, exterior da org,
    buiten de org, buiten uw, buiten onze, externe afzender, externe email, van buiten, extern bericht,
    externe bron, buiten de,
    utanfor org, utanfor din, utanfor var, extern avsandare, externt medd, externt mail, externt email,
    extern kalla, utifran,
    uden for org, uden for din, uden for vores, udenfor org, ekstern afsender, ekstern email, ekstern mail,
    eksternt,
    utenfor org, utenfor din, utenfor var, ekstern avsender, ekstern epost, ekstern e-post, utenfra,
    organisaation ulkop, organisaatiosi ulkop, organisaatiomme ulkop, ulkoinen viesti, ulkoinen sahko,
    ulkoinen laht, ulkoiselta, ulkopuolelta, ulkoisesta,
    spoza org, spoza naszej, spoza twojej, spoza firmy, zewnetrzny nadawca, wiadomosc zewnetrzna, zewnetrznego,
    spoza,
    mimo org, mimo vasi, mimo nasi, externi odesilatel, externi email, externiho, mimo spolecnost, externa sprava,
    mimo vasej, mimo vas, externy odos,
    извне, внешнее письмо, внешний отправитель, внешнего, внешнее сооб, за пределами, из внешн, не из вашей,
    ззовні, зовнішній лист, зовнішній відпр, зовнішн, за межами,
    kurum disi, kurulus disi, sirket disi, kurulusunuzun disi, harici, dis kaynak, disaridan, kurumunuz disi,
    disindan,
    εκτος του οργ, εκτος οργ, εξωτερικο μην, εξωτερικο απο, εξωτερικο email, εξωτερικο, εκτος της ετ, εκτος,
    szervezeten kivul, kulso felado, kulso email, szervezetunkon kivul, kulso forras, kivulrol, kulso,
    din afara, expeditor extern, email extern, mesaj extern, exteriorul org, sursa externa,
    組織外, 社外, 外部から, 外部送信, 外部の, 外部メール,
    外部邮件, 外部郵件, 来自外部, 來自外部, 组织外, 組織外, 公司外, 外部发件, 外部寄件, 组织以外, 組織以外,
    외부에서, 외부 메일, 외부 발신, 외부로부터, 조직 외부, 회사 외부, 외부 이메일,
    מחוץ לארגון, שולח חיצוני, דואר חיצוני, ממקור חיצוני, גורם חיצוני,
    من خارج, مرسل خارجي, بريد خارجي, خارج المؤسسة, مصدر خارجي,
"""
# Warnings about links and attachments.
WARNINGS = """
    do not click, don't click, not click on, links or, attachments unless, unless you rec, unless you know,
    unless you trust, content is safe, contents are safe, exercise caution, use caution, be cautious, be careful,
    with caution, phishing, suspicious, verify the sender, think before, opening attach, clicking link,
    open attach, when clicking, when opening, know the sender, trust the sender, recognize the sender,
    recognise the sender, before clicking, clicking on, exercise care, take care, treat with,
    klicken sie, keine links, anhange, absender kenn, absender vertr, inhalt sicher, nicht auf links,
    absender bekannt, verdachtig, absender erkenn,
    ne cliquez, cliquer sur, pieces jointes, piece jointe, reconnaissez, prudent, contenu est sur,
    les liens, connaissez l, sachiez,
    no haga clic, no abra, archivos adjuntos, enlaces, reconozca, contenido es seguro, hacer clic,
    conozca, no hagas clic,
    non cliccare, non fare clic, non aprire, allegati, riconosc, contenuto e sicuro, collegamenti,
    cautela,
    nao clique, nao abra, anexos, reconheca, conteudo e seguro, cautela, ligacoes, clicar, conheca,
    klik niet, open geen, bijlagen, herkent, inhoud veilig, voorzichtig, vertrouwt, links,
    klicka inte, lankar, bilagor, bilagan, kanner igen, innehallet ar sakert, forsiktig, oppna inte,
    klik ikke, abn ikke, vedhaeft, links, genkender, indholdet er sikkert, forsigtig, kender afsender,
    ikke klikk, klikk ikke, apne vedlegg, vedlegg, lenker, gjenkjenner, innholdet er trygt, forsiktig,
    ala klikkaa, ala avaa, linkkeja, liitteita, liitetiedost, tunnista, turvallis, varovai, alkaa,
    nie klikaj, nie otwieraj, linki, zalacznik, rozpoznajesz, bezpieczn, ostrozn, znasz nadawc,
    neklikejte, neotevirejte, odkazy, prilohy, poznavate, bezpecn, opatrn, neznate, neklikajte, neotvarajte,
    не переходите, не нажимайте, не открывайте, ссылк, вложени, безопасн, осторожн, узнаете отправ, знаете отправ,
    не натискайте, не відкривайте, не переходьте, посиланн, вкладен, безпечн, обережн,
    tiklamayin, acmayin, baglanti, ekleri, taniyorsaniz, guvenli, dikkatli, tanimadiginiz,
    μην κανετε κλικ, μην ανοι, συνδεσμ, συνημμεν, αναγνωρ, ασφαλ, προσεκτικ,
    ne kattintson, ne nyissa, hivatkoz, mellekl, felismeri, biztonsag, ovatos,
    nu dati clic, nu faceti clic, nu deschide, atasament, linkuri, recunoast, sigur, precaut, prudent,
    クリックしない, 開かない, リンク, 添付ファイル, 安全, 注意して, ご注意,
    请勿点击, 請勿點擊, 请勿打开, 請勿開啟, 不要点击, 链接, 連結, 附件, 谨慎, 謹慎, 小心, 内容安全, 內容安全,
    클릭하지, 열지, 링크, 첨부, 안전, 주의하,
    אין ללחוץ, אל תלחצ, קישור, קבצים מצורפים, זהירות, לפתוח, בטוח,
    لا تنقر, لا تضغط, روابط, الروابط, المرفقات, مرفقات, آمن, الحذر, بحذر,
"""
# Outlook's banner above the first mail of a sender; sufficient by itself.
FIRST_CONTACT = """
    you don't often get email, you do not often get email, some people who received this message don't often,
    sie erhalten nicht oft, sie erhalten nicht haufig, einige personen die diese nachricht erhalten haben,
    nicht haufig email, vous n'obtenez pas souvent, vous ne recevez pas souvent, no suele recibir correo,
    no suele recibir, non si ricevono spesso, non ricevi spesso, nao costuma receber, nao recebe frequentemente,
    u ontvangt niet vaak, du far inte ofta, du modtager ikke ofte, du far ikke ofte, nie otrzymujesz czesto,
    вы нечасто получаете, mail'inden sik, 通常您不会收到, 您通常不会收到, からのメールを受け取る頻度, 메일을 자주 받지,
    learnaboutsenderidentification, warum dies wichtig ist, pourquoi cela est important, por que esto es importante,
    perche e importante, waarom dit belangrijk is, varfor detta ar viktigt, learn why this is important,
"""
# Every banner has one of these; a cheap test before the others.
ROOTS = """
    extern, ekstern, ausserhalb, outside, exter, ester, fuera, fuori, fora d, ajeno, buiten, utanfor, utifran, uden
    for, utenf, ulko,
    spoza, zewn, mimo, извне, внеш, пределам, из вашей, ззовні, зовніш, межами, disi, disari, harici, dis kayn,
    εκτος, εξωτερ, kulso, kivul, afara, 外, 외부, חוץ, חיצונ, خارج,
"""
