//! What is looked for, as data: products, systems, and the words that are neither.
//!
//! Each list is one text, sorted, in lower case, with a bar between entries: in the browser's module
//! a slice of them would take eight octets more for each.

/// Mail software, gateways, appliances, filters and suites, by the words that name them.
pub(super) const PRODUCTS: &str = "\
    1st mail server|1st smtp server|4d mail|4d webstar|602lan|602lan suite|602pro|602pro lan suite|ability mail server|\
    ability server|accellion|active! hunter|active!mail|activegate|advanced direct remailer|agari|aiosmtpd|akpop3d|\
    alimail|alinto|aliyun|alligate|alt-n|alt-n mdaemon|alt-n securitygateway|altavista firewall|altavista mail|\
    altospam|amavis|amavisd|amavisd-new|amazon ses|amazon workmail|amazonses|analogx proxy|antigen|antivir mailgate|\
    antix smtp server|anubis|anymacro|apache james|apple internet mail server|apple mail server|applemailserver|\
    applepasswordserver|appleshare ip|appleshare ip mail server|appriver|archiveopteryx|argosoft|argosoft mail server|\
    arkoon|artica|asmtpd|assp|assp-smtp|asspd|astaro|asyncos|atmail|autoshare|avanan|avast|\
    avaya message storage server|avg esmtp proxy server|avg pop3 proxy server|avirt|avirt mail|avmailgate|axigen|\
    axway mailgate|b1gmail|b1gmailserver|barracuda|barracuda email security gateway|barracuda essentials|\
    barracuda networks|barracuda networks spam firewall|barracuda spam & virus firewall|barracuda spam firewall|\
    barricade mx|barricademx|baruwa|basomail|big-ip|billionmail|binc imap|bincimap|bitdefender|bizanga|bizanga imp|\
    bizsmtp|blackjumbodog|bluemind|bluemind-milter|bongo|borderware|brightmail|burp collaborator|bynari|bynari insight|\
    bynari insightserver|callpilot|callxpress|canit|canit-pro|canon imagerunner|carbonio|ccmail|ccproxy|cellopoint|\
    centrinity|centrinity firstclass|chasquid|check point|check point firewall-1|checkpoint|checkpoint firewall-1|\
    ciphermail|ciphertrust|cisco|cisco asa|cisco email security appliance|cisco esa|cisco ironport|cisco pix|\
    cisco secure email|cisco secure email gateway|cisco unity|cisco unity connection|cisco unity express|citadel|\
    citadel/ux|clamav|clamsmtp|clamsmtpd|cleanmail|clearswift|clearswift mimesweeper|clearswift secure email gateway|\
    clearswift seg|cloudflare email|cloudmark|cloudmark gateway|cmailserver|cobalt raq|code-crafters|\
    code-crafters ability mail server|cofense|collax|comendo|commtouch|communigate|communigate pro|connect2-smtp|\
    coremail|coremail system|courier|courier imap|courier mail server|courier pop3|courier-esmtp|courier-imap|\
    courier-mta|courier-pop3|courierpop3d|cpanel|cpmta|cppop|crinity|critical path|cronlab|crushftp|cryoserver|\
    cryptshare|csm|csm internet mail scanner|cubemail|cubic circle's|cucipop|cuttlefish|cyberguard|cybermail|cyberoam|\
    cyberpanel|cybozu|cyrus|cyrus imap|cyrus imap murder|cyrus imap4|cyrus imap4 murder|cyrus imapd|cyrus lmtp|\
    cyrus lmtp murder|cyrus pop3|cyrus pop3 murder|cyrus sieve|cyrus timsieved|cyrus-imap|cyrus-imapd|dada mail|\
    daouoffice|david.fx|davmail|dbmail|declude|deep discovery email inspector|deepmail|deerfield|delegate|deltagon|\
    denbun|desknow|devnullsmtp|directadmin|discourse|djigzo|dkimproxy|dkimproxy.in|dkimproxy.out|dmail|\
    docker-mailserver|domino|double precision|dovecot|dovecot da|dovecot pigeonhole|dovecot pro|dovecot proxy|dpop|\
    dr.web|dragonfly mail agent|drweb|drweb-lmtp|dsmtp|dspam|dumbster|duocircle|dvise|dynamomail|dynfx|e-mailrelay|\
    e-post mail server|ebox|ecartis|ecelerity|echoworx|ecsmtp|edgewave|egroupware|eims|elasticemail|email architect|\
    email sentinel|emailarchitect|emailrelay|emailsuccess|emanager|emumail|emwac|emwac smtp|emwacs|endian firewall|\
    eproxy|epson|erooster|esafe|eserv|eset mail security|esva|etrust|etrust secure content manager|eudora|\
    eudora internet mail server|eudora internet mail server x|eudora worldmail|eventmachine smtp server|everycloud|\
    exchange 2000|exchange 2003|exchange 2007|exchange 2010|exchange 2013|exchange 2016|exchange 2019|exchange imap4|\
    exchange online protection|exchange pop3|exchange server|exchange server 2003|exchange server 2007|\
    exchange server 2010|exchange server 2013|exchange server 2016|exchange server 2019|exchange4linux|\
    exchangedefender|exchangepop3|exim|exim4|expresso livre|expurgate|exsmtp|extremail|eyou|eyou mta|f-secure|\
    f-secure internet gatekeeper|f-secure messaging security gateway|f5 big-ip|fakemail|fakesmtp|faxcore|faxination|\
    faxmaker|faxpress|femtomail|fetchmail|firebox|fireeye|firewall-1|firstclass|floosietek|fluffy the smtpguarddog|\
    forcepoint|fortigate|fortimail|fortimail-vm|fortinet|fortinet fortimail|foxmail server|foxmta|free smtp server|\
    freepops|freeproxy|frontbridge|froxlor|ftgate|ftgatepro|ftp software|fusemail|gatedefender|gateprotect|\
    gattaca server|gauntlet|gecad|gen_smtp|genugate|gfi|gfi faxmaker|gfi kerio connect|gfi mailessentials|\
    gfi mailsecurity|gimap|gnu anubis|gnu mailutils|gnu pop3|gnu-pop3d|go-guerrilla|gomail|goodtech|gordano|\
    gordano messaging suite|gordano ntmail|gosmtpd|gpop|graphus|greenarrow|greenmail|grommunio|gromox|gromox-imap|\
    gromox-pop3|groupshield|groupwise|groupwise gwia|groupwise internet agent|guardianwall|guerrilla|guerrillad|\
    guinevere|gwava|gwguardian|gwia|halon|halonmta|hamster|hanbiro|haraka|hcl domino|hcl notes|hestiacp|hexamail|\
    hexamail server|hiworks|hmailserver|hoodiecrow|hornetsecurity|hotmail popper|hotwayd|hp laserjet|hp mpe/ix|\
    hp officejet|hp openmail|hp worldmail|hsphere|hula|hurricane mta|hurricane mta server|hurricanemta|hydroxide|\
    hylafax|hyvor relay|i-mscp|ia mail server|ibm domino|ibm i smtp|ibm lotus domino|ibm mvs smtp|ibm notes|\
    ibm notes/domino|ibm smartcloud|ibm vm smtp|icewarp|icewarp mail server|ideapop3server|ideco|ideco utm|iems|\
    igetmail|iis smtp|ikarus|imail|imail server|imanager|imapfront|imapmax|imapproxy|improvmx|ims smtp receiver|imss|\
    imsva|inbucket|indimail|indy pop3 server|indy smtp server|inetmail|inetserv|inetserver|infinitemail|inframail|\
    innosoft|insightserver|instagate|interjet|intermail|internet anywhere mail server|\
    internet exchange messaging server|internet rex|interscan|interscan imss|interscan messaging security suite|\
    interscan viruswall|interscan web security|interworx|intra2net|intrastore|intrastore turbosendmail|intuity audix|\
    iplanet messaging server|ipswitch|ipswitch imail|iq.suite|iredapd|iredmail|ironmail|ironport|ironscales|iscream|\
    isocor|isode|isode m-box|isode m-switch|isode pp|ispconfig|ispcp|james|james imap server|james linagora|\
    james pop3 server|james server|james smtp server|james-smtp|jana server|jana-server|janaserver|jangosmtp|jatheon|\
    jboss mail|kaspersky|kaspersky mail gateway|kaspersky secure mail gateway|kav4mailservers|kebi mail|kerio|\
    kerio connect|kerio mailserver|kerio winroute|keyhelp|kingate|kiteworks|kloxo|kmail|kofax|kolab|konica minolta|\
    kopano|ksmg|kumo-mta|kumomta|kuria|kyocera|lamson|lanaces|libra esva|libraesva|linagora|listmonk|listproc|listserv|\
    listserv maestro|lmail|local smtp relay server|local smtp server pro|logsat|lotus|lotus domino|lotus notes|\
    lotus notes/domino|lsmtp|lumisoft mail server|luxsci|lyris|lyris listmanager|lyris mailshield|m+guardian|m-box|\
    m-filter|m-switch|macallan|macallan mail solution|macjordomo|maddy|magic mail server|magic winmail|\
    magic winmail server|magicmail|magicspam|magma|mail assure|mail essentials|mail*link|mail-gear|mail-in-a-box|\
    mail-secure|mail2000|mailarchiva|mailassure|mailavenger|mailbeamer|mailborder|mailbus|mailbus 400|mailcarrier|\
    mailcatcher|mailchannels|mailcleaner|mailcommander|mailcow|mailcrab|maildev|mailenable|mailengine|mailerlite|\
    mailerq|mailersend|mailessentials|mailfoundry|mailfromd|mailfront|mailfrontier|mailgate|mailgates|mailguardian|\
    mailgun|mailgun influx|mailhog|mailinabox|mailinblack|mailion|mailjet|maillennium|mailman|mailmarshal|\
    mailmarshal smtp|mailmax|mailmeter|mailmonitor|mailnara|mailosaur|mailpile|mailpit|mailplug|mailplus|mailpopbox|\
    mailprotector|mailrise|mailroute|mailscanner|mailsentinel|mailshield|mailsite|mailsite esmtp receiver|mailslurper|\
    mailspect|mailspike|mailspring|mailster|mailstore|mailstore gateway|mailstore server|mailstream|mailstudio|\
    mailsweeper|mailsweeper for smtp|mailswitch|mailtrain|mailtrap|mailtraq|mailu|mailutils|mailvelope|mailwall|\
    mailwasher|mailwatch|mailwatcher|mailwise|mailworks|masqmail|mautic|mcafee|mcafee email gateway|mcafee webshield|\
    mcis mail|mdaemon|mdaemon pro|mdsmtp|meldware mail server|memova|merak|merak mail server|mercur|mercur smtp-server|\
    mercury|mercury mail transport system|mercury/32|mercury/nlm|mercury/w32|meridius|message inspector|\
    message systems ecelerity|message systems momentum|messagegate|messagelabs|messagewall|messageway|\
    messaging architects|meta1|metadefender|metainfo|mfiltro|microsoft|microsoft 365|microsoft defender|\
    microsoft esmtp mail service|microsoft exchange|microsoft exchange 2000|microsoft exchange 2003|\
    microsoft exchange 2007|microsoft exchange 2010|microsoft exchange 2013|microsoft exchange 2016|\
    microsoft exchange 2019|microsoft exchange imap4 server|microsoft exchange imap4 service|\
    microsoft exchange imap4rev1 server|microsoft exchange internet mail connector|\
    microsoft exchange internet mail service|microsoft exchange online|microsoft exchange pop3 server|\
    microsoft exchange pop3 service|microsoft exchange server|microsoft exchange server 2003|\
    microsoft exchange server 2007|microsoft exchange server 2010|microsoft exchange server 2013|\
    microsoft exchange server 2016|microsoft exchange server 2019|microsoft exchange server subscription edition|\
    microsoft forefront|microsoft iis|microsoft mail|microsoft smtp mail|microsoft smtp mail service|\
    microsoft windows pop3 service|migadu|milter-greylist|mimecast|mimedefang|mimesweeper|minipop|mirapoint|mireka|\
    mlmmj|mmdf|modoboa|modular messaging|modusgate|modusmail|momentum|mox|mrpostman|ms exchange|ms-exchange|msmtp|\
    multinet|mx logic|mxguard|mxguarddog|mxlogic|mxproxy|mxtreme|mystic bbs|nai webshield|navgw|navieg|nbsmtp|nemesis|\
    nemx|netasq|netbox|netcmail|netdumbster|netfence|nethserver|netiq|netjunction|netmail|netmail smtp agent|\
    netmail/3000|netmanage|netpilot|netqmail|netscape|netscape mail server|netscape messaging multiplexor|\
    netscape messaging server|nettrap|netwin|netwin dmail|netwin surgemail|network box|newsgator|nginx|nims|nitix|\
    nix mailserver|nodemailer|nopam|norman email protection|norton antivirus|norton email protection|nospamproxy|\
    nospamtoday|notqmail|novell|novell groupwise|novell netmail|novonyx|nowsms|nplex|ntmail|nullmailer|nupoint|\
    obtuse smtpd|oempro|officelogic|open-xchange|opendkim|opendmarc|openexchange|openfind|openmail|opensmtpd|\
    opensmtpd-portable|opentext firstclass|openvms tcpip|openwave|openwave email mx|openxchange|opswat metadefender|\
    opswat metadefender email gateway|opswat metadefender email gateway security|oracle beehive|\
    oracle collaboration suite|oracle communications messaging exchange server|oracle communications messaging server|\
    oracle email server|oracle messaging server|outspring mail|ox dovecot|ox dovecot pro|p3scan|panda gatedefender|\
    panda imap|panda security|papercut|pegasus mail|perception point|perdition|perfectmail|perlmx|pgp universal|\
    phplist|phpmaild|pigeonhole|piler|pineapp|pineapp mail-secure|pix firewall|plesk|pmaild|pmailserver|pmdf|policyd|\
    policypatrol|pop3beamer|pop3lite|pop3vscan|popa3d|popd32|popfile|popmax|poppassd|port25|port25 powermta|\
    post.office|postal|postcast|postcow|poste.io|postfix|postgrey|postini|postmaster enterprise|postoffice|postpath|\
    postscreen|powermta|praetor|process software|proofpoint|proofpoint essentials|\
    proofpoint messaging security gateway|proofpoint protection server|proton bridge|proton mail bridge|proton smtp|\
    protonmail|protonmail bridge|proxmox|proxmox mail gateway|proxmox ve|proxsmtp|proxsmtpd|proxyplus|purelymail|\
    puremessage|pymap|python smtp|python smtp proxy|qbik wingate|qk smtp server|qmail|qmail-ldap|qmail-pop3d|\
    qmail-scanner|qmail-smtpd|qmail-toaster|qmailtoaster|qnap|qpop|qpopper|qpsmtpd|qpsmtpd-forkserver|qqmail|\
    qqmail xmimap4server|qsheff|qsmtpd|quarkmail|quick n easy mail server|quickmail|quickmail pro|quickmail pro server|\
    quickmail server|radish|raidenmaild|raptor firewall|rav antivirus|ravmail|razorgate|rblsmtpd|rebex|recvmail|\
    redcondor|reddoxx|relaylock|retarus|retruster|richmail|ricoh aficio|rightfax|rockliffe|rockliffe mailsite|rspamd|\
    rumpus|rupost|rustymail|rwpop3d|rzmta|s-qmail|s/qmail|safeq|salmon|sambar|samotop|samsung contact|scalix|\
    scalix smtp relay|scanmail|scanmail for exchange|scansafe|scrollout f1|securepoint|securepoint utm|securetide|\
    securitygateway|sendgrid|sendio|sendmail|sendmail advanced message server|sendmail sentrion|sendmail switch|\
    seppmail|seznam smtpd|sharetech|sidewinder|siemens openmail|simpleemailservice|simplelogin|simplesmtp|sims|simscan|\
    simta|slimta|slmail|smail|smail3|smap|smartcloud notes|smartermail|smartmax|smartserver3|smoothwall|smssmtp|\
    smtp-gated|smtp-sink|smtp2go|smtp4dev|smtpbeamer|smtpd32|smtpfeed|smtpguarddog|smtpit|smtplink|smtpprox|smtprs|\
    socketlabs|softalk|softalk mail server|softarc|sogo|solid pop3|solid-pop3|solidcp|solidpop3d|\
    solstice internet mail server|sonicwall|sonicwall email security|sophos|sophos email appliance|sophos puremessage|\
    sophos utm|sophos xg|spam sqr|spam titan|spamass-milter|spamassassin|spambayes|spambrella|spamd|spamdrain|spamdyke|\
    spamexperts|spamfighter|spamfilter for isps|spamfilter isp|spamhero|spamihilator|spamilter|spamina|spamjadoo|\
    spamkiller|spamlion|spampal|spampd|spamsniper|spamstopshere|spamtitan|spamweasel|sparkpost|sparkpost momentum|\
    spoonproxy|sqlgrey|squirrelmail|ssmtp|ssmtpd|stalker internet mail server|stalwart|stalwart imap|\
    stalwart mail server|stalwart pop3|stalwart smtp|stormshield|strongmail|strongview|subethasmtp|sun cobalt|\
    sun internet mail server|sun java system messaging server|sun one messaging server|supportworks|surfcontrol|\
    surfcontrol e-mail filter|surgate|surgate labs|surgemail|surgesmtp|suse linux openexchange server|sx-gate|symantec|\
    symantec brightmail|symantec brightmail gateway|symantec mail security|symantec mail security for smtp|\
    symantec messaging gateway|sympa|synametrics|synchronet|synology mailplus|tcp/ip services|tcpip pop server|\
    tcpip services|tcpware|teamware|teamware mail|teamware office|teamxchange|teapop|tegu|tenon post.office|\
    terrace mailwatcher|tessian|tine20|titanhq|titankey|tmail|tobit|tobit software|topcall|toshiba e-studio|totemo|\
    totemomail|tpop3d|traffic inspector|trellix|trend micro|trend micro imsva|trend micro interscan|\
    trend micro interscan messaging security suite|trend micro scanmail|trend micro scanmail for exchange|trendmicro|\
    trustifi|trustwave|trustwave mailmarshal|trustwave secure email gateway|trustwave seg|tuffmail|tumbleweed|\
    tumbleweed email firewall|tumbleweed mailgate|tumbleweed messaging management system|turbomail|turnpike|tutanota|\
    twake|twake mail|twisted|twisted smtp|ucb|ucx|umail|uniflow|univention|unoverica|untangle|up-imapproxy|usergate|\
    uw imap|uw-imap|uw-imapd|vade retro|vade secure|vaderetro|valimail|vamsoft orf|vestacp|vexira|vexira mailarmor|\
    vhcs|vhcs2|vicomsoft|vipre|vircom|vircom modusmail|virtualmin|visnetic|visnetic mailserver|vm-pop3d|vmailmgr|\
    vopmail|vpop3|vpopd|vpopmail|vsmtp|watchguard|watchguard firebox|watchguard xcs|weasel|webeasymail|webmail2pop|\
    webmin|websense|webshield|websitepanel|webstar|webstar mail|weeros|wildcat! smtp|wildduck|windows smtp server|\
    wingate|winmail|winmail mail server|winproxy|winroute|winroute pro|winsmtp|winwebmail|wmailserver|workgroup mail|\
    workgroupmail|workmail|worldclient|worldgroup|worldmail|worldsecure server|worldtalk|worldtalk netjunction|xeams|\
    xerox versalink|xerox workcentre|xmail|xmailserver|xpop3|xpressions|xtramail|xwall|yahoopops|ypops|z1 securemail|\
    zaep|zammad|zarafa|zendto|zentyal|zerospam|zertificon|zetafax|zextras|zimbra|zimbra collaboration|zivver|zix|\
    zixgateway|zixvpm|zmailer|zmailer server|zohomail|zone-mta|zonemta|zotonic|zpop|zultys|zywall|zyxel";

/// Those that are words or names of hosts as well: they count with a capital letter only.
pub(super) const CAPITAL: &str = "\
    agari|antigen|anubis|arkoon|barracuda|bongo|checkpoint|cisco|citadel|cleanmail|collax|comendo|courier|cyrus|\
    delegate|domino|epson|eserv|fortinet|gauntlet|gfi|graphus|guerrilla|halon|hamster|hula|ideco|ikarus|interscan|\
    ironport|james|kolab|kuria|kyocera|linagora|lotus|lyris|maddy|magma|mailion|mailster|merak|mercur|mercury|momentum|\
    mox|nethserver|netmail|nims|nitix|openmail|papercut|piler|pineapp|plesk|postal|postini|praetor|qnap|radish|rebex|\
    rumpus|salmon|sendio|sims|softalk|sophos|stalwart|symantec|tegu|tessian|tmail|tobit|topcall|turnpike|twake|twisted|\
    ucb|unoverica|untangle|weasel|xpressions|zix|zotonic|zyxel";

/// Operating systems and distributions.
pub(super) const SYSTEMS: &str = "\
    a/ux|aix|alinux|almalinux|alpine|alpine linux|alt linux|amazon linux|amzn2|android|anolis os|arch linux|archlinux|\
    astra linux|beos|bsd/os|bsdi|calculate linux|centos|centos linux|clearos|cloudlinux|cygwin|darwin|debian|\
    debian linux|debian/gnu|devuan|dg/ux|digital unix|dragonflybsd|dynix|fedora|fedora core|fedora linux|freebsd|\
    gentoo|gnu/linux|hp-ux|hpux|i5/os|illumos|irix|irix64|kali linux|kylin|linux|linux mint|linux-gnu|mac os|mac os x|\
    mac os x server|macos|macosx|mageia|mandrake|mandriva|manjaro|mingw32|mpe/ix|ms-dos|mvs|netbsd|netware|nextstep|\
    nixos|novell netware|novell oes|oes linux|omnios|openbsd|openeuler|openindiana|openmandriva|openserver|opensolaris|\
    opensuse|opensuse leap|opensuse tumbleweed|openvms|openwrt|oracle linux|os x|os x server|os/2|os/2 warp|os/400|\
    osf1|osx|pardus|photon os|qnx|raspbian|red hat|red hat enterprise linux|red hat linux|red os|redhat|reliant unix|\
    rhel|rocky linux|routeros|scientific linux|sco openserver|sco unix|sinix|slackware|sles|smartos|solaris|sunos|suse|\
    suse linux|suse linux enterprise|suse linux enterprise server|synology|synology dsm|tencentos|tru64|tru64 unix|\
    ubuntu|ubuntu linux|ultrix|unicos|unixware|vm/esa|vms|vmware photon os|void linux|vxworks|win2k|win32|win64|win95|\
    win98|windows|windows 2000|windows 2003|windows ce|windows nt|windows nt/2000/xp|windows server|windows xp|\
    windows/nt|windowsnt|winnt|winnt/2000/xp|xenix|z/linux|z/os|z/vm";

/// Letters in the tail of a version that name a system, as in `-Debian-22ubuntu3`.
pub(super) const TAILS: &str = "\
    aix|alpine|amzn|centos|darwin|debian|fedora|freebsd|gentoo|linux|macos|mandrake|mandriva|mdk|mdv|mga|netbsd|\
    openbsd|opensuse|raspbian|redhat|rhel|solaris|sunos|suse|ubuntu|win|windows";

/// Those that do so before a digit only, as in `el7` and `deb12u1`.
pub(super) const SHORT_TAILS: &str = "\
    deb|el|fc|sles";

/// Words of protocols, which name no product.
pub(super) const PROTOCOLS: &str = "\
    8bitmime|aes|apop|capability|cvss|dkim|dmarc|dns|dsn|dss|dtls|ehlo|esmtp|esmtps|esmtpsa|gmt|gssapi|helo|http|https|\
    imap|imap2|imap2bis|imap4|imap4rev1|imap4rev2|imaps|implementation|ip|ipv4|ipv6|iso|jmap|kerberos|ldap|lhlo|lmtp|managesieve|\
    md5|mime|nntp|ntlm|oauth|pop|pop2|pop3|pop3s|protocol|rfc|rsa|sasl|sha|sieve|smpp|smtp|smtps|spf|ssl|starttls|\
    tcp|tls|udp|utc|utf-8|utf8|xoauth2";

/// Of those, the ones whose own versions stand behind them.
pub(super) const VERSIONED: &str = "\
    cvss|dkim|dmarc|dss|dtls|gmt|http|https|ip|iso|kerberos|mime|oauth|protocol|rfc|sasl|spf|ssl|tls|utc";

/// Words that stand in the names of products, and name none alone.
pub(super) const NOUNS: &str = "\
    32bit|64bit|advanced|agent|anti-spam|anti-virus|antispam|antivirus|appliance|beta|c|community|connector|daemon|\
    default|e-mail|edition|email|engine|enterprise|esmtpd|exchanger|express|external|fast|filter|final|firewall|free|\
    freeware|gateway|generic|handler|hosting|hub|imapd|imapserver|inbound|incoming|internal|internet|listener|lite|\
    local|mail|mailadmin|mailbox|mailboxes|mailer|mailer-daemon|mailfilter|mailgateway|mailhost|mailhub|mailproxy|\
    mailrelay|mailserver|mailservice|mailsystem|manager|mda|message|messaging|module|mta|mx|mxserver|network|networks|\
    outbound|outgoing|plus|pop3d|pop3proxy|pop3server|popper|popserver|postmaster|private|pro|professional|protection|\
    proxy|public|r|receiver|relay|remote|secure|securemail|security|sender|server|servers|service|services|simple|\
    smtpd|smtpgateway|smtpproxy|smtpserver|smtpservice|software|standard|submission|suite|system|systems|tm|transport|\
    webmail|x64|x86|x86_64";

/// Of those, the ones whose version needs no name before it.
pub(super) const SERVERS: &str = "\
    agent|appliance|daemon|edition|engine|gateway|imapd|imapserver|listener|mailer|mailserver|module|mta|pop3d|\
    pop3server|popserver|proxy|receiver|server|smtpd|smtpserver|software|suite";

/// What is said of a server by its role, its place or its users, and the names that stand for any company.
pub(super) const ROLES: &str = "\
    acme|alternate|authenticated|backend|backup|basic|beispiel|border|branch|business|campus|central|clinic|cloud|\
    common|company|contoso|core|corporate|council|customers|dedicated|demo|departmental|dev|development|digital|dual|\
    edge|ejemplo|employee|esempio|everything|example|exemple|externer|fabrikam|faculty|fake|fallback|firmen|front|\
    frontend|global|globex|hauptverwaltung|home|hospital|initech|inner|institution|institutional|intern|international|\
    interner|legacy|library|live|main|managed|master|member|migration|mini|minimal|ministry|mock|modern|museum|\
    national|northwind|official|open|outer|own|personal|postfach|premium|primary|principal|prod|production|przyklad|qa|\
    quality|rechenzentrum|regional|reliable|replica|reserve|residential|restricted|sample|school|secondary|shared|\
    slave|special|staff|staging|standby|stop|storage|store|student|students|subscriber|teacher|tertiary|tiny|trusted|\
    unified|upstream|verified|virtual|voorbeeld|web|worldwide|zentrale|zentraler";

/// Words that say that a version comes.
pub(super) const MARKERS: &str = "\
    build|patchlevel|rel|release|v|ver|vers|version|vr|vsn";

/// Those that say so behind a product only.
pub(super) const WEAK_MARKERS: &str = "\
    fixpack|hotfix|level|patch|pl|r|rev|revision";

/// Days and months.
pub(super) const DATES: &str = "\
    apr|april|aug|august|dec|december|feb|february|fri|friday|jan|january|jul|july|jun|june|mar|march|may|mon|\
    monday|nov|november|oct|october|sat|saturday|sep|sept|september|sun|sunday|thu|thursday|tue|tuesday|wed|\
    wednesday";

/// Words of plain language, which are no names of hosts or products.
pub(super) const PLAIN: &str = "\
    a|ab|about|abs|absatz|abt|abteilung|abuse|accept|accepted|accepts|access|act|address|addresses|after|ag|again|\
    ahead|aisle|alert|all|am|amsterdam|an|and|and/or|annex|anti|any|appendix|applies|apply|apr|april|are|art|article|\
    as|ashburn|asn|asset|at|attention|aug|august|aup|auth|authorised|authorized|available|average|bank|bay|be|because|\
    been|before|behind|benvenuti|benvenuto|bereit|berlin|bienvenido|bienvenidos|bienvenue|bill|blacklisted|blocked|\
    bonjour|bounce|bounces|bound|box|brussels|bst|building|bulk|bureau|burst|bv|by|bye|call|can|cannot|capacity|case|\
    cdt|cest|cet|cfr|chapter|charge|chart|checker|chf|chicago|chunking|ciao|cidr|city|clause|client|clients|close|\
    closed|closing|cluster|co|code|codes|col|college|cologne|column|command|commands|commercial|company|conn|connected|\
    connection|connections|contact|contract|copenhagen|copyright|corp|cost|could|count|cpu|cst|customer|customers|\
    dallas|data|datacenter|datacentre|date|days|dear|dec|december|delay|delivered|delivery|denied|department|desk|\
    details|did|directive|disk|do|dobro|document|does|don't|dont|door|dsgvo|dublin|due|dummy|east|edt|epoch|error|\
    errors|est|established|etage|eula|eur|expn|factor|failed|failure|fax|feb|february|federal|fee|fig|figure|fine|\
    first|floor|for|frankfurt|fri|friday|from|gbp|gdpr|geneva|glad|gmbh|go|good|goodbye|gotowy|government|greetings|\
    guten|had|halle|hallo|hamburg|has|haus|have|he|hello|help|helpdesk|helsinki|her|here|herzlich|hey|hi|his|hola|host|\
    hosted|hours|how|i|iana|id|ids|ietf|if|in|inc|incorporated|info|information|instance|institute|interval|into|\
    invoice|is|it|item|its|jan|january|jpy|jst|jul|july|jun|june|just|kamer|kapitel|kg|klar|lane|last|lat|latency|\
    later|latitude|law|legal|like|limit|limits|line|lines|list|listed|listening|listo|lists|llc|lng|load|loadavg|\
    logged|logging|login|lon|london|longitude|looking|ltd|madrid|malware|many|mar|march|max|maximum|may|mdt|meet|\
    messages|milan|min|minimum|minutes|mobile|mon|monday|monitored|monitoring|montreal|more|morning|moscow|mru|msk|mss|\
    mst|mtu|much|mumbai|munich|must|my|name|nda|new|next|nice|no|node|none|noop|north|not|notice|nov|november|now|nr|\
    num|number|nv|oct|october|of|office|ohio|ok|okay|old|on|one|only|or|order|oregon|osaka|oslo|our|outage|over|oy|\
    page|para|paragraf|paragraph|paris|part|pdt|percent|phase|phishing|phone|pid|pipelining|piso|plain|plc|please|\
    pleased|pm|pod|policy|pool|port|powered|prague|price|prohibited|pronto|property|proudly|provided|pst|pty|queue|\
    queued|quit|quota|rack|ram|rate|ratio|raum|ready|reason|receive|received|recognised|recognized|recorded|ref|\
    refused|region|regulation|reject|rejected|reply|report|reports|request|requests|reserved|response|retry|revision|\
    rights|rome|room|row|rset|rtt|rule|rules|running|s/n|sa|sala|salle|sat|saturday|scan|scanner|scanning|schedule|\
    school|score|seattle|sec|second|seconds|sect|section|see|seite|send|sent|seoul|sep|sept|september|serial|\
    serverzeit|serveur|session|sessions|shall|shard|she|should|since|singapore|site|size|sla|slot|sn|south|spa|spam|\
    speed|srl|stage|started|starting|stat|state|status|step|stockholm|sun|sunday|support|sydney|syntax|sys|table|tag|\
    tel|telephone|temp|temporarily|temporary|terms|tervetuloa|test|tester|testing|that|the|their|there|these|they|\
    third|this|those|three|threshold|thu|thursday|ticket|tid|tier|time|timeout|title|to|today|tokyo|too|toronto|tos|\
    total|track|transaction|try|ttl|tue|tuesday|two|u.s.c|ube|uce|uid|unauthorised|unauthorized|unavailable|under|\
    university|unix|unknown|unsolicited|up|uptime|usc|usd|use|user|users|using|velkommen|via|vienna|violation|\
    violations|virginia|virus|viruses|visit|vitajte|vitejte|vlan|vrfy|warning|warsaw|was|we|wed|wednesday|weight|\
    welcome|welkom|were|werk|west|what|when|where|which|who|why|will|willkommen|window|witamy|with|without|worker|\
    would|yes|you|your|ziffer|zimmer|zone|zurich";

/// Words at which the search for a product's version ends.
pub(super) const ENDS: &str = "\
    at|by|copyright|dtls|fri|friday|from|http|id|in|load|mon|monday|on|ready|sat|saturday|says|ssl|starttls|sun|\
    sunday|thu|thursday|tls|tue|tuesday|up|using|via|wed|wednesday";

/// Units: the number before them is an amount.
pub(super) const UNITS: &str = "\
    am|am/pm|byte|bytes|chf|connections|day|days|dollars|eur|euro|euros|g|gb|gbit|gbp|gbps|gib|h|hour|hours|k|kb|\
    kbit|kbps|kib|m|mb|mbit|mbps|messages|messages/s|mib|min|mins|minute|minutes|ms|octets|of|percent|pm|points|s|\
    sec|second|seconds|secs|spam|tb|uhr|usd|users|weeks|years";

/// Is the word in this list?
pub(super) fn one_of(list: &str, word: &str) -> bool {
    !word.is_empty() && entries(list, word).next() == Some(word)
}

/// The entries of a list from the first one on that does not come before this word.
pub(super) fn entries<'a>(list: &'a str, word: &str) -> impl Iterator<Item = &'a str> {
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        let start = list.get(low..middle).and_then(|head| head.rfind('|')).map_or(low, |bar| low + bar + 1);
        let entry = list.get(start..).and_then(|rest| rest.split('|').next()).unwrap_or("");
        if entry < word {
            low = list.len().min(start + entry.len() + 1);
        } else {
            high = start;
        }
    }
    list.get(low..).unwrap_or("").split('|')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTS: [&str; 16] = [
        PRODUCTS,
        CAPITAL,
        SYSTEMS,
        TAILS,
        SHORT_TAILS,
        PROTOCOLS,
        VERSIONED,
        NOUNS,
        SERVERS,
        ROLES,
        MARKERS,
        WEAK_MARKERS,
        DATES,
        PLAIN,
        ENDS,
        UNITS,
    ];

    #[test]
    fn lists_are_sorted_and_plain() {
        for list in LISTS {
            let entries: Vec<&str> = list.split('|').collect();
            assert!(entries.windows(2).all(|pair| pair[0] < pair[1]), "{list}");
            for entry in entries {
                assert!(!entry.is_empty() && entry.trim() == entry && entry.to_ascii_lowercase() == entry, "{entry}");
            }
        }
        for known in CAPITAL.split('|') {
            assert!(one_of(PRODUCTS, known), "{known}");
        }
    }

    #[test]
    fn entries_are_found() {
        for list in LISTS {
            for entry in list.split('|') {
                assert!(one_of(list, entry), "{entry}");
                assert!(!one_of(list, &format!("{entry}\0")) && !one_of(list, &format!("\0{entry}")), "{entry}");
            }
            assert!(!one_of(list, "") && !one_of(list, "|") && !one_of(list, "\u{ff}"));
        }
    }
}
