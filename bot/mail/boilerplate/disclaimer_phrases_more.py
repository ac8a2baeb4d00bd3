"""Phrases of confidentiality notices in more languages: central and eastern Europe, the Near and Far East."""
# ruff: noqa: RUF001 (letters of other alphabets are the point here)

from bot.mail.boilerplate.disclaimer_phrases import LATIN, NoticePhrases

LANGUAGES = (
    *LATIN,
    NoticePhrases(  # Polish
        "klauzula pouf, informacja o pouf, zastrzeżenie, poufność, poufne, nota prawna, klauzula",
        "ta wiadom, niniejsz, ten email, inform, treść, wiadom, jeżeli, jeśli, w przypadku, rozpowsz, kopiowanie,"
        " wszelk, koresp, zawartość, ta koresp, ten mail, powyższ, przesłan, adresat, uwaga",
        "poufn, tajemnic, zastrzeżon, chronion",
        "przeznaczon, adresat, wyłącznie, odbiorc, skierowan",
        "omyłk, pomyłk, błędn, nie są, nie jest, nie jesteś, mylnie, przypadkow",
        "powiadom, poinform, zawiadom, usun, usuń, zniszcz, skasow, nadawc",
        "zabron, zakaz, niedozwolon, ujawni, kopiowan, rozpowsz, bezprawn, nieuprawn, wzbron, nieupoważn",
        "odpowiedzial, wirus, gwaran, szkod",
        "mnie, mój, moja, moje, mi",
    ),
    NoticePhrases(  # Czech and Slovak
        "důvěrnost, prohlášení o, odmítnutí odp, důvěrné, právní up, dôvernosť, právne up",
        "tato zpráva, tento email, tento mail, tato email, tato elektr, tato komun, inform, obsah, pokud, jestliže,"
        " jste-li, nejste, obdrželi, jakék, v příp, zpráva, vešker, táto správa, tento dokument, ak ste, ak nie, v"
        " príp,"
        " správa, táto email, ak táto, neopráv, upozornění, upozornenie",
        "důvěrn, tajn, chráněn, dôvern, chránen",
        "určen, výhradně, adresát, příjemc, výlučne, príjemc, výhradne",
        "omylem, nedopatřen, nejste, chybně, není určen, nie ste, omylom, nedopatren",
        "informuj, uvědom, upozorn, oznam, odesílat, smaž, vymaž, odstraň, znič, vyrozum, odosielat",
        "zakáz, nepovolen, neoprávn, kopírov, šířen, zveřejn, nesmí, rozšiřov, nie je dovol",
        "odpověd, virus, virů, viry, záruk, škod, zodpoved, vírus",
        "já, mně, mě, můj, moje, mi, ja, môj, mňa",
    ),
    NoticePhrases(  # Russian
        "уведомление о конф, конфиденциальность, конфиденциально, важное увед, заявление о конф, отказ от отв",
        "это сооб, данное сооб, настоящ, это письмо, данное письмо, это электр, данное электр, информация,"
        " содержание,"
        " если вы, если это, если данное, любое, содержащ, данная, сведения, в случае, вся, несанкц, сообщение,"
        " письмо,"
        " данный, этот, предупреждение, внимание",
        "конфиденциальн, тайн",
        "предназначен, адресат, исключительно, получател, адресован",
        "по ошибке, ошибочн, не являетесь, не предназнач",
        "уведом, сообщите, информир, отправител, удалит, удалить, уничтож, известит",
        "запрещ, несанкц, раскрыт, копирован, распростран, не допуска, разглаш",
        "ответственност, вирус, гарант, ущерб",
        "я, мне, меня, мой, моя, мои, моё, моего",
    ),
    NoticePhrases(  # Ukrainian
        "повідомлення про конф, конфіденційність, конфіденційно, важливе пов, відмова від",
        "це повід, цей лист, цей електр, цей email, дане повід, інформація, зміст, якщо ви, якщо це, якщо цей,"
        " будь-як, у"
        " разі, ця, несанкц, вся, повідомлення, лист, даний, увага, застереження",
        "конфіденційн, таємн",
        "призначен, адресат, виключно, одержувач, отримувач, адресован",
        "помилков, не є адр, не є отрим, не є одерж, не призначен",
        "повідомте, повідомит, сповіст, відправник, видал, знищ, проінформ, поінформ",
        "заборон, несанкц, розкрит, розголош, копіюван, поширен, розповсюдж",
        "відповідальн, вірус, гарант, шкод",
        "я, мені, мене, мій, моя, мої, моє",
    ),
    NoticePhrases(  # Bulgarian, Serbian and Croatian
        "поверителност, конфиденциалност, povjerljivost, poverljivost, izjava o, odricanje",
        "това съоб, този имейл, това писмо, настоящ, тази, информацията, съдържанието, ако не, ако сте, всяко, ova"
        " poruka,"
        " ovaj email, ova email, ovaj mail, inform, sadržaj, ako ste, ako ni, ukoliko, svako, poruka,"
        " предупреждение, napomena",
        "поверител, конфиденциал, povjerljiv, poverljiv, tajn",
        "предназначен, получател, адресат, единствено, namijenj, namenj, primatelj, primaoc, isključivo, naslovlj",
        "по погрешка, грешка, не сте, greškom, pogreškom, niste, zabunom",
        "уведом, изтри, унищож, подател, изпращач, obavijest, obavest, pošiljat, pošiljao, izbriš, obriš, uništ",
        "забран, неразреш, разкрив, разпростран, копиран, zabranj, neovlašt, neovlašć, otkriv, kopiranj, distribu",
        "отговорн, вирус, щет, odgovorn, virus, štet",
        "аз, мен, ми, моят, моя, ja, meni, moj, moja, moje",
    ),
    NoticePhrases(  # Turkish
        "gizlilik, yasal , sorumluluk reddi, önemli uyarı, uyarı, yasal bildirim",
        "bu e-posta, bu eposta, bu email, bu mesaj, bu ileti, bu elektr, bu mail, eğer, şayet, mesajın, e-postanın,"
        " gönderilen, içerdiği, bu belge, mesajı, iletiyi, uyarı",
        "gizli, ticari sır, kişiye özel",
        "alıcı, yalnızca, sadece, gönderildiği, adreslen, muhata, hedeflen",
        "yanlışlıkla, hata ile, sehven, değilseniz, hatayla, ilgili kişi değil",
        "göndereni, gönderene, bildiri, haber ver, bilgilendir, silin, imha, yok ed, gönderici",
        "yasak, ifşa, kopyala, çoğalt, dağıt, açıkla, yetkisiz, yayınla",
        "sorumlu, virüs, garanti, zarar",
        "ben, bana, beni, benim",
    ),
    NoticePhrases(  # Greek
        "δήλωση εμπ, εμπιστευτικ, αποποίηση, σημαντική ειδ, ειδοποίηση εμπ",
        "το παρόν, αυτό το, το μήνυμα, οι πληροφορίες, το περιεχόμενο, εάν, αν, οποιαδήποτε, κάθε, η παρούσα, σε"
        " περίπ,"
        " τα στοιχεία, απαγορ, αυτή, η πληροφ, προσοχή",
        "εμπιστευτικ, απόρρητ",
        "προορίζ, παραλήπτ, αποκλειστικά, αποδέκτ, απευθύν",
        "κατά λάθος, εκ παραδρ, δεν είστε, λάθος, εσφαλμέν",
        "ενημερώ, ειδοποι, αποστολ, διαγρ, καταστρ",
        "απαγορ, αποκάλυψ, αντιγρα, διανομ, κοινοπο, μη εξουσ",
        "ευθύν, ιού, ιός, ιών, ιούς, εγγυ",
        "εγώ, μου, εμένα",
    ),
    NoticePhrases(  # Hungarian
        "bizalmas, titoktartás, jogi nyil, felelősségkiz, adatvédelmi nyil",
        "ez az email, ez az üzenet, ez az elektr, ezen, jelen, a jelen, az üzenet, az email, az ebben, amennyiben,"
        " ha ön,"
        " ha nem, ha ezt, ha az, a levél, ez a levél, bármely, az inform, a tartalom, a feladó, figyel",
        "bizalmas, titk, titok",
        "címzett, kizárólag, szánt",
        "téved, véletlen, téves, nem ön",
        "értesít, tájékoztat, feladó, töröl, semmisít, küldő",
        "tilos, tiltott, jogosulatlan, nyilvánosságra, másol, terjeszt, jogellenes, jogtalan",
        "felelős, vírus, garan, károk, kárért",
        "én, nekem, engem",
    ),
    NoticePhrases(  # Romanian
        "confidențial, notă de conf, clauză de conf, declinarea, notificare de conf, aviz de conf",
        "acest mesaj, acest email, această com, prezent, inform, conținutul, dacă, în cazul, orice, mesajul, aceste"
        " inf,"
        " acest document, acest e-, această transm, avertisment",
        "confidențial, secret, privilegiat",
        "destinat, adresat, exclusiv, doar pentru",
        "din greșeală, din eroare, eronat, nu sunteți, greșeal",
        "anunța, notifica, înștiința, informați, informa expe, șterge, distrug, expeditor",
        "interzis, neautorizat, divulg, copiere, distribui, disemin, dezvălui, reproducere",
        "răspunde, responsab, virus, viruși, garan",
        "eu, mie, meu, mea, mei, mele, mă",
    ),
    NoticePhrases(  # Japanese
        "機密, 免責, 秘密保持, 守秘, 重要なお知らせ",
        "このメール, 本メール, 本電子, この電子, 当メール, このメッセージ, 本メッセージ, このe, 本e, 本通信, 万一,"
        " 万が一, もし, 当該, 送信者, 誤って, 宛先, ご注意, 注意事項, 注意, 無断",
        "機密, 秘密, 秘匿, 守秘",
        "宛先, 受信者, 名宛人, 受取人, 対象, 意図し, 宛て, 限り",
        "誤って, 誤送信, 手違い, 間違って, 受信者でない, 心当たり",
        "送信者, 発信者, 差出人, 通知, 削除, 破棄, 廃棄, 消去",
        "禁じ, 禁止, 開示, 漏洩, 複製, 複写, 転送, 配布, 固く, 無断",
        "責任, ウイルス, ウィルス, 保証, 損害",
        "",
    ),
    NoticePhrases(  # Chinese
        "保密, 免责, 免責, 机密, 機密, 重要声明, 重要聲明, 法律声明, 法律聲明, 声明, 聲明, 重要提示",
        "本邮, 本電, 本郵, 此邮, 此郵, 本电, 此电, 此電, 这封, 這封, 此信息, 本信息,"
        " 本訊息, 此訊息, 本消息, 如果, 若,"
        " 如您, 如阁下, 如閣下, 未经, 未經, 任何, 该邮, 該郵, 倘若, 邮件, 郵件, 如非,"
        " 如有误, 如误, 如誤, 该电, 禁止, 严禁, 嚴禁",
        "机密, 機密, 保密, 秘密",
        "收件人, 指定, 仅供, 僅供, 接收人, 收件者, 仅限, 僅限, 收信人, 接收者",
        "误收, 誤收, 错误, 錯誤, 误送, 誤送, 不是, 并非, 並非, 误发, 非指定, 誤傳",
        "通知, 告知, 删除, 刪除, 销毁, 銷毀, 发件人, 寄件人, 寄件者, 发送人, 發送人",
        "禁止, 不得, 严禁, 嚴禁, 披露, 泄露, 洩露, 复制, 複製, 传播, 散布, 散佈, 未经授权, 未經授權",
        "责任, 責任, 病毒, 担保, 保证, 保證",
        "",
    ),
    NoticePhrases(  # Korean
        "기밀, 비밀 유지, 비밀유지, 면책, 보안 고지, 법적 고지, 주의 사항",
        "이 메일, 본 메일, 이 이메일, 본 이메일, 이 메시지, 본 메시지, 이 전자, 본 전자, 본메일, 본이메일, 만약,"
        " 만일, 귀하, 이 통신, 잘못, 실수로, 무단, 수신인, 본 문서",
        "기밀, 비밀, 대외비",
        "수신인, 수신자, 지정된, 의도된, 한하여, 만을 위, 수취인, 명시된",
        "잘못, 실수, 아닌 경우, 아니라면, 착오, 아니신",
        "발신자, 송신자, 발신인, 통보, 삭제, 파기, 폐기",
        "금지, 금합, 공개, 복사, 배포, 유출, 누설, 무단, 불법",
        "책임, 바이러스, 보증, 손해",
        "저는, 제가, 나는, 내가",
    ),
    NoticePhrases(  # Hebrew
        "הודעת סודיות, סודיות, הצהרת סודיות, הבהרה, הודעה חשובה, כתב ויתור",
        "הודעה זו, הודעת, מסר זה, דואר אל, המידע, תוכן, אם אינך, אם קיבל, במידה, אם הודעה, אם אתה, כל, המסר, מייל זה,"
        " התוכן, אם הגיע, האמור, הדואר, ההודעה, אסור",
        "סודי, חסוי",
        "מיועד, נמען, בלבד, ממוען",
        "בטעות, בשגגה, אינך",
        "להודיע, הודיע, השולח, לשולח, למחוק, מחק, להשמיד, השמד, ליידע",
        "אסור, איסור, להעתיק, העתק, הפצה, להפיץ, גילוי, לגלות, פרסום, ללא רשות, לחשוף",
        "אחריות, אחראי, וירוס, נזק",
        "אני, שלי, לי, אותי",
    ),
    NoticePhrases(  # Arabic
        "إشعار السرية السرية, إخلاء, بيان السرية, إشعار هام, تنويه, السرية, إشعار بالسرية, تنبيه",
        "هذه الرسالة, هذا البريد, تحتوي, إن هذه, المعلومات, هذا الا, هذا الإ, إن المعلومات, محتوي, إذا, في حال, أي,"
        " قد"
        " تحتوي, تعتبر, محتوى, يحتوي, هذه المراسلة, إن هذا, الرسالة, يحظر, يرجى إبلاغ, تنبيه",
        "سري",
        "المستلم, المرسل إليه, موجهة, مخصص, المقصود, فقط, حصري, المعني",
        "خطأ, لست المستلم, لم تكن",
        "إبلاغ, إخطار, المرسل فور, حذف, إتلاف, إعلام, احذف, مسح, يرجى إشعار",
        "يحظر, محظور, يمنع, ممنوع, نشر, نسخ, توزيع, إفشاء, الكشف, غير مصرح, تداول",
        "مسؤول, فيروس, ضمان, أضرار",
        "أنا, لي, عندي, لدي",
    ),
)
# Words of urgency, which no notice has: a paragraph with one is kept.
URGENT_WORDS = (
    "urgent, emergency, critical, asap, dringend, notfall, urgence, emergencia, emergenza, emergência, spoed,"
    " brådskand, akut, haster, kiireelli, pilne, pilna, pilny, naléhav, срочн, терміново, acil, επείγ, sürgős, 緊急,"
    " 至急,"
    " 紧急, 긴급, 급합, דחוף, عاجل"
)
# "Immediately", which notices say only about notifying and deleting.
IMMEDIACY = (
    "immediate, at once, right away, sofort, umgehend, unverzüglich, immédiat, sans délai, inmediat, immediat,"
    " imediat,"
    " onmiddellijk, direct, omedelbart, straks, umiddelbart, välittömästi, niezwłocznie, natychmiast, okamžit,"
    " neprodleně,"
    " немедленно, негайно, derhal, hemen, άμεσα, αμέσως, azonnal, haladéktalanul, 直ちに, 速やかに, 立即, 즉시, מיד,"
    " فورا"
)
# "The sender".
SENDERS = (
    "sender, absender, expéditeur, remitente, remetente, mittente, afzender, avsändar, afsender, avsender, lähettäj,"
    " nadawc, odesílat, odosielat, отправител, відправник, подател, pošiljat, gönderen, αποστολ, feladó, expeditor,"
    " 送信者, 发件人, 寄件人, 발신자, שולח, المرسل"
)
# "Delete", of a misdirected mail.
DELETION = (
    "delet, destroy, erase, lösch, vernicht, supprim, détrui, effac, elimin, borr, destru, cancell, distrugg, apag,"
    " verwijder, vernietig, radera, förstör, slet, poist, tuho, usun, skasow, zniszcz, smaz, smaž, vymaz, znič, удал,"
    " уничтож, видал, знищ, sil, imha, διαγρ, καταστρ, töröl, semmis, şterge, distruge, 削除, 破棄, 删除, 刪除,"
    " 销毁, 삭제, 폐기, למחוק, מחק, حذف, إتلاف"
)
# "The mail".
MAIL_WORDS = (
    "email, mail, message, communication, transmission, intended recipient, addressee, nachricht, mitteilung, courriel,"
    " courrier, mensaje, correo, messaggio, comunicazione, mensagem, correio, bericht, meddelande, besked, melding,"
    " viesti, wiadomo, zprav, správ, сообщен, письм, повідомл, лист, ileti, mesaj, μήνυμα, üzenet, level, メール, 邮件,"
    " 郵件, 메일, הודעה, מייל, رسالة, بريد"
)
# "If", as whole words: "if you received this mail by mistake".
CONDITIONALS = (
    "if, should, in case, wenn, falls, sollten, sofern, si, s'il, au cas, en caso, se, qualora, caso, als, indien,"
    " mocht, om, ifall, hvis, dersom, jos, jeśli, jeżeli, gdyby, pokud, jestliže, ak, если, в случае, якщо, у разі,"
    " eğer, αν, εάν, ha, amennyiben, dacă, 場合, 如果, 若, 如您, 경우, אם, إذا, إن"
)
