"""What hostile mails are made of, by the place where it stands; `#` becomes a number that goes up."""
# ruff: noqa: RUF001 (letters of other alphabets and look-alikes are the point here)

TAGS = (
    "a b big code em font i nobr s small strike strong tt u p div span td th tr table tbody caption colgroup li ul ol dl dd"
    " dt h1 pre blockquote center button select option optgroup svg math foreignObject desc mi annotation-xml template"
    " form fieldset object applet marquee iframe noscript script style title textarea xmp plaintext body html head frameset"
    " br hr img input p-x x-y ruby rt rp rb address article section details summary noembed listing menu input embed"
).split()
ATTRIBUTES = (
    "", "", "", " #", " id=#", " class=gmail_quote", " style='display:none'", " a b c d e f", ' x="', " x='", "/", " =",
    " style='mso-hide:all;font-size:1px'", " dir=rtl", " hidden", ' title="a > b"', " href=#", " color='#'",
)  # fmt: skip
HTML = (
    *(f"<{tag}>" for tag in TAGS),
    *(f"</{tag}>" for tag in TAGS),
    "x", " ", "&nbsp;", "&amp", "&#1;", "&zwnj;", "\n", "<", ">", "<!--", "-->", "<![CDATA[", "]]>", "<!x>", "</>", "</", "<?", '"',
    "<a href='mailto:a@b.c'>", "On 3 May 2026 a@b.c wrote:", "cid:#", "<img src=cid:#>", "&#x1f600;", "\u200c", "-- ",
    "<meta charset=x>", "<base href=x>", "<div class=gmail_quote>", "<blockquote type=cite>", "<span style='display:none'>",
)  # fmt: skip
VALUES = (
    "@", "<", ">", "(", ")", '"', "\\", ",", ";", ":", "=", "?", "*", "/", "'", "[", "]", ".", "-", "a", "a", "#", " ", "\t", "9",
    "a@b.c", "<a@b.c>", "a#@b.c,", "=?utf-8?q?=C3=A9?=", "=?x#?q?=E9?=", "=?koi8-r?b?8NLJ18XU?=", "=?", "?=", "=?a?q?", '\\"',
    "=?utf-7?q?+AGE-?=", "=?idna?q?xn--a?=", "=?iso-2022-kr?q?=1B$)C=0E?=", "name*0*=", "filename*#*=utf-8''%41;", "x=y;", 'x="',
    "charset=x#;", "boundary=cut;", "dmarc=pass", "header.from=", "dkim=pass (", "mailto:", "group:", "@a:", "\xe9\xe8",
    "\xd0\xcf\xc9\xd2", "\xff\xfe", "\x80", "Re: ", "Fwd: ", "[x] ", "[CASE-#] ", "automatic reply", "undeliverable", "smtp;", "5.1.1 ",
    "550 ", "\n ", "\n\t", "on behalf of ", "=?utf-8?b?", "=E9", "_",
)  # fmt: skip
TEXT = (
    "> ", ">", "On 3 May 2026", "On ", "wrote:", "a", "a", "ab ", "@", "a@b.c", "<a@b.c>", "<", "From: ", "Sent: ", "Subject: ",
    "To: ", "Date: ", "----", "Original Message", "-- ", "_", "=", "\n", "\n", "\n\n", " ", "\t", ":", "3 ", "10:00", "2026", "#",
    "Begin forwarded message:", "---------- Forwarded message ---------", "550 5.1.1 ", "user unknown", "could not be delivered to ",
    "{", "[", '"', '"notificationType":', "\\", "mailto:", "\ufeff", "[CASE-#]", "*", "|", "\u00a0", "-----BEGIN PGP SIGNED MESSAGE-----",
    "-----BEGIN PGP MESSAGE-----", "Message-ID: <", "schrieb", "写道", "escribió ", "confidential ", "This message ", "unsubscribe",
    "Sent from my iPhone", ",", ".", "(", ")", "recipient ", "Name ", "'", "\u200e", "\r", "\x0c", "\x85", "\u2028", "-", "am ", "Am 3.5.2026 um 10:00 ",
    "Disclaimer ", "external sender ", "El lun, ", "\u4e8e", "\u3002", "https://a.b/", "Von: ", "Betreff: ", "to: a@b.c\n", "CASE-# ", "case #",
)  # fmt: skip
STATUS = (
    "Final-Recipient: rfc822; a#@b.c\n", "Action: failed\n", "Status: 5.1.1\n", "Diagnostic-Code: smtp; ", "\n", "\n\n", "a", "@", ";",
    "5.1.1", "4.", "550 ", " ", "\xd0\xcf", "=?x#?q?=E9?=", "Original-Recipient: ", "X-#: y\n", "Reporting-MTA: dns; x\n", "(", "<", ".",
)  # fmt: skip
CALENDAR = (
    "BEGIN:VCALENDAR\n", "BEGIN:VEVENT\n", "END:VEVENT\n", "METHOD:REPLY\n", "SUMMARY:", "DTSTART;TZID=", "ATTENDEE;", 'X="', ";", ":",
    "=", "a", "\n ", "\n", "\\n", "\\", ",", "20260503T100000", "PARTSTAT=", "ORGANIZER:mailto:", " ", '"', "X-#:", "LOCATION:",
)  # fmt: skip
JSON = (
    "{", "}", "[", "]", '"', ":", ",", "\\", "\\u0041", "1", "e9", ".", "-", " ", '"notificationType":"Bounce"', '"bounce":{', '"Message":"',
    '"bouncedRecipients":[', '{"emailAddress":"a#@b.c"},', "true", "null", "a", '\\"',
)  # fmt: skip
BOUNDARIES = (
    "--cut\n", "--cut", "--cut--\n", "--", "\n", "--cut \n", "--cut\t\t\t", "\n\n", "a", "Content-Type: text/plain\n\n", "Content-Type: text/html\n\n",
    "Content-Type: multipart/mixed; boundary=cut\n\n", "Content-Type: multipart/digest; boundary=cut\n\n", "Content-Type: message/rfc822\n\n",
    "From: a@b.c\n", "Subject: x\n", "Content-Type: image/png\n", "Content-ID: <#>\n", "Content-Disposition: attachment; filename=#\n",
    "Content-Transfer-Encoding: base64\n", "Content-Transfer-Encoding: x-uuencode\n", "begin 644 a\n", "Content-Type: text/html; charset=x#\n\n",
    "Content-Type: message/delivery-status\n\n", "Content-Type: text/calendar\n\n", "Content-Type: application/ms-tnef\n\n", "\xd0\xcf\xc9", "=E9",
    "Content-Type: multipart/alternative; boundary=cut\n\n", "Content-Type: text/plain; format=flowed; delsp=yes\n\n", "> ", "<p>x", "x \n",
)  # fmt: skip
NAMES = (
    "From To Cc Subject References In-Reply-To Message-ID List-Id Authentication-Results Auto-Submitted Return-Path Content-Type"
    " Content-Disposition Content-Transfer-Encoding X-Failed-Recipients Precedence Reply-To Sender Resent-From X-Original-From"
    " X-Original-Sender X-Autoreply X-Loop List-Unsubscribe Feedback-ID Delivered-To Date Received X-MS-Exchange-Organization-AuthAs"
    " X-MS-Exchange-Inbox-Rules-Loop ARC-Authentication-Results Received-SPF DKIM-Signature Content-ID X"
).split()
CHARSETS = (
    "utf-8", "us-ascii", "iso-8859-1", "koi8-r", "utf-7", "utf-16", "gb2312", "iso-2022-jp", "iso-2022-kr", "hz", "big5", "euc-kr",
    "shift_jis", "cp1252", "x-nothing", "utf-32", "cp037", "punycode", "unicode_escape", "tis-620", "johab", "ibm866",
)  # fmt: skip
