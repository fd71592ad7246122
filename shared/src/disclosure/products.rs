//! What is looked for, as data: products, systems, and the words that are neither.
//!
//! Each list is one text, sorted, in lower case, with a bar between entries: in the browser's module
//! a slice of them would take eight octets more for each.

/// Mail software, gateways, appliances, filters and suites, by the words that name them.
pub(super) const PRODUCTS: &str = "\
    4d mail|4d webstar|602lan suite|602pro|602pro lan suite|ability mail server|ability server|aiosmtpd|akpop3d|\
    alligate|alt-n|amavis|amavisd|amavisd-new|analogx proxy|antivir mailgate|anymacro|apache james|apple mail server|\
    applemailserver|applepasswordserver|appleshare ip mail server|archiveopteryx|argosoft|argosoft mail server|\
    artica|assp|assp-smtp|astaro|asyncos|atmail|avast|avg esmtp proxy server|avg pop3 proxy server|avirt|avirt mail|\
    avmailgate|axigen|b1gmail|b1gmailserver|barracuda|barracuda email security gateway|barracuda networks|\
    barracuda networks spam firewall|barracuda spam firewall|binc imap|bincimap|bitdefender|bizanga|bizanga imp|\
    bizsmtp|bluemind|bongo|borderware|brightmail|callpilot|carbonio|ccmail|ccproxy|cellopoint|centrinity|chasquid|\
    check point|checkpoint|checkpoint firewall-1|ciphermail|ciphertrust|cisco|cisco asa|\
    cisco email security appliance|cisco ironport|cisco pix|citadel|clamav|clamsmtp|cleanmail|clearswift|\
    clearswift secure email gateway|cloudmark|cloudmark gateway|cmailserver|code-crafters|\
    code-crafters ability mail server|communigate|communigate pro|connect2-smtp|coremail|coremail system|courier|\
    courier mail server|courier-imap|courier-mta|courierpop3d|cpanel|cpmta|cppop|crinity|critical path|csm|\
    csm internet mail scanner|cubic circle's|cucipop|cybermail|cyberoam|cyrus|cyrus imap|cyrus imap murder|\
    cyrus imap4|cyrus imap4 murder|cyrus imapd|cyrus lmtp|cyrus lmtp murder|cyrus pop3|cyrus pop3 murder|\
    cyrus timsieved|david.fx|davmail|dbmail|declude|deepmail|deerfield|delegate|desknow|directadmin|djigzo|dmail|\
    docker-mailserver|domino|double precision|dovecot|dovecot da|dovecot pigeonhole|dovecot pro|dpop|dr.web|drweb|\
    dsmtp|dumbster|dvise|e-mailrelay|ecelerity|egroupware|eims|email architect|emailrelay|emwac|emwac smtp|emwacs|\
    esafe|eserv|eset mail security|esva|eudora|eudora internet mail server|eudora internet mail server x|\
    eudora worldmail|eventmachine smtp server|exchange 2000|exchange 2003|exchange 2007|exchange 2010|exchange 2013|\
    exchange 2016|exchange 2019|exchange server|exim|exim4|extremail|eyou|eyou mta|f-secure|\
    f-secure messaging security gateway|fakesmtp|fetchmail|firewall-1|firstclass|floosietek|forcepoint|fortimail|\
    fortinet|froxlor|ftgate|ftgatepro|gauntlet|gecad|gfi|gfi kerio connect|gfi mailessentials|gfi mailsecurity|\
    gnu mailutils|gnu pop3|go-guerrilla|gordano|gordano messaging suite|greenarrow|greenmail|grommunio|gromox|\
    groupwise|groupwise internet agent|guardianwall|guerrilla|guerrillad|gwava|halon|hamster|haraka|hcl domino|\
    hcl notes|hexamail|hexamail server|hmailserver|hoodiecrow|hornetsecurity|hp openmail|hurricane mta|\
    hurricane mta server|hurricanemta|ia mail server|ibm domino|ibm lotus domino|ibm mvs smtp|ibm vm smtp|icewarp|\
    icewarp mail server|ideapop3server|imail|imail server|imanager|imapfront|imapmax|imapproxy|ims smtp receiver|\
    imss|imsva|inbucket|indimail|indy pop3 server|indy smtp server|inetmail|innosoft|intermail|\
    internet anywhere mail server|internet rex|interscan|interscan messaging security suite|interscan viruswall|\
    intrastore|intrastore turbosendmail|iplanet messaging server|ipswitch|ipswitch imail|iredapd|iredmail|ironmail|\
    ironport|isocor|isode|isode m-box|isode m-switch|james|james imap server|james pop3 server|james server|\
    james smtp server|james-smtp|jana server|jana-server|janaserver|kaspersky|kaspersky mail gateway|\
    kaspersky secure mail gateway|kerio|kerio connect|kerio mailserver|kerio winroute|kolab|kopano|ksmg|kumomta|\
    lamson|libra esva|libraesva|listserv|listserv maestro|lotus|lotus domino|lotus notes|lsmtp|lyris|\
    lyris listmanager|lyris mailshield|m-box|m-filter|m-switch|maddy|magic winmail|magic winmail server|magicmail|\
    magma|mail-in-a-box|mail2000|mailarchiva|mailborder|mailcarrier|mailcatcher|mailchannels|mailcleaner|mailcow|\
    mailcrab|mailenable|mailerq|mailfoundry|mailfront|mailfrontier|mailgate|mailgun|mailgun influx|mailhog|\
    mailinabox|mailinblack|maillennium|mailman|mailmarshal|mailmarshal smtp|mailmax|mailpit|mailplus|mailrise|\
    mailscanner|mailshield|mailsite|mailsite esmtp receiver|mailslurper|mailspect|mailstore|mailstore server|\
    mailstream|mailsweeper|mailtraq|mailu|mailutils|mailvelope|mailwasher|mailwatch|masqmail|mcafee|\
    mcafee email gateway|mcafee webshield|mdaemon|mdaemon pro|memova|merak|merak mail server|mercur|\
    mercur smtp-server|mercury|mercury mail transport system|mercury/32|mercury/nlm|messagegate|messagewall|meta1|\
    microsoft|microsoft esmtp mail service|microsoft exchange|microsoft exchange 2000|\
    microsoft exchange imap4 server|microsoft exchange imap4 service|microsoft exchange imap4rev1 server|\
    microsoft exchange internet mail connector|microsoft exchange internet mail service|\
    microsoft exchange pop3 server|microsoft exchange pop3 service|microsoft exchange server|\
    microsoft exchange server 2003|microsoft exchange server 2007|microsoft exchange server 2010|\
    microsoft exchange server 2013|microsoft exchange server 2016|microsoft exchange server 2019|microsoft forefront|\
    microsoft iis|microsoft smtp mail|microsoft smtp mail service|microsoft windows pop3 service|milter-greylist|\
    mimedefang|mimesweeper|mirapoint|mmdf|modoboa|modusgate|modusmail|momentum|mox|msmtp|multinet|mxtreme|\
    nai webshield|navgw|navieg|nemesis|netiq|netmail|netmail smtp agent|netqmail|netscape|netscape mail server|\
    netscape messaging multiplexor|netscape messaging server|netwin|nginx|nims|norton antivirus|nospamproxy|notqmail|\
    novell|novell groupwise|novell netmail|novonyx|nplex|ntmail|nullmailer|obtuse smtpd|open-xchange|opendkim|\
    opendmarc|openexchange|openfind|openmail|opensmtpd|openvms tcpip|openwave|openwave email mx|openxchange|\
    oracle beehive|oracle collaboration suite|oracle communications messaging exchange server|\
    oracle communications messaging server|oracle email server|oracle messaging server|ox dovecot pro|p3scan|\
    panda security|papercut|pegasus mail|perdition|perlmx|pgp universal|pigeonhole|piler|pineapp|plesk|pmailserver|\
    pmdf|policyd|policypatrol|pop3beamer|popa3d|popfile|port25|post.office|postal|postcast|postcow|poste.io|postfix|\
    postgrey|postini|postoffice|powermta|process software|proofpoint|proofpoint messaging security gateway|\
    proofpoint protection server|proton mail bridge|protonmail bridge|proxmox|proxmox mail gateway|proxsmtp|\
    puremessage|python smtp|python smtp proxy|qk smtp server|qmail|qmail-ldap|qmail-pop3d|qmail-smtpd|qmail-toaster|\
    qmailtoaster|qpop|qpopper|qpsmtpd|qpsmtpd-forkserver|quickmail|quickmail pro|quickmail pro server|radish|\
    rav antivirus|ravmail|rblsmtpd|recvmail|reddoxx|richmail|rockliffe|rockliffe mailsite|rspamd|rwpop3d|rzmta|\
    s/qmail|samsung contact|scalix|scalix smtp relay|scanmail|scrollout f1|sendmail|sendmail advanced message server|\
    sendmail sentrion|sendmail switch|seppmail|simpleemailservice|sims|slmail|smail|smail3|smap|smartermail|smartmax|\
    smssmtp|smtp-gated|smtp4dev|smtpbeamer|softalk|softalk mail server|sogo|solid pop3|solid-pop3|solidpop3d|\
    solstice internet mail server|sonicwall|sonicwall email security|sophos|sophos email appliance|spam sqr|\
    spamassassin|spamd|spamexperts|spamfighter|spampal|spampd|spamsniper|spamtitan|ssmtp|\
    stalker internet mail server|stalwart|stalwart imap|stalwart mail server|stalwart pop3|stalwart smtp|strongmail|\
    subethasmtp|sun internet mail server|sun java system messaging server|sun one messaging server|surfcontrol|\
    surgemail|surgesmtp|symantec|symantec brightmail gateway|symantec mail security|symantec mail security for smtp|\
    symantec messaging gateway|sympa|synametrics|synology mailplus|tcp/ip services|tcpip pop server|tcpip services|\
    tcpware|teapop|tobit|tobit software|totemo|totemomail|tpop3d|trend micro|trend micro imsva|\
    trend micro interscan messaging security suite|trend micro scanmail|trendmicro|trustwave|trustwave mailmarshal|\
    trustwave secure email gateway|trustwave seg|tumbleweed|tumbleweed mailgate|turbomail|twisted|twisted smtp|ucx|\
    umail|univention|untangle|up-imapproxy|uw imap|uw-imap|uw-imapd|vamsoft orf|vexira|vipre|vircom|vircom modusmail|\
    virtualmin|visnetic|visnetic mailserver|vm-pop3d|vopmail|vpop3|vpopmail|vsmtp|watchguard|watchguard xcs|webmin|\
    websense|webshield|webstar|webstar mail|wildduck|wingate|winmail|winmail mail server|winroute|winroute pro|\
    winwebmail|workgroup mail|workgroupmail|worldmail|xeams|xmail|xmailserver|xpop3|xwall|z1 securemail|zarafa|\
    zendto|zerospam|zextras|zimbra|zimbra collaboration|zix|zixgateway|zixvpm|zmailer|zmailer server|zone-mta|zonemta";

/// Those that are words or names of hosts as well: they count with a capital letter only.
pub(super) const CAPITAL: &str = "\
    barracuda|bongo|checkpoint|cisco|citadel|cleanmail|courier|cyrus|delegate|domino|eserv|fortinet|gauntlet|gfi|\
    guerrilla|halon|hamster|interscan|ironport|james|kolab|lotus|lyris|maddy|magma|merak|mercur|mercury|momentum|mox|\
    netmail|nims|openmail|papercut|piler|pineapp|plesk|postal|postini|radish|sims|softalk|sophos|stalwart|symantec|\
    tobit|twisted|untangle|zix";

/// Operating systems and distributions.
pub(super) const SYSTEMS: &str = "\
    aix|almalinux|alpine linux|amazon linux|amzn2|arch linux|archlinux|bsd/os|bsdi|centos|centos linux|clearos|\
    cloudlinux|cygwin|darwin|debian|debian/gnu|digital unix|dragonflybsd|fedora|fedora core|freebsd|gentoo|\
    gnu/linux|hp-ux|hpux|illumos|irix|linux|linux-gnu|mac os x|macos|macosx|mandrake|mandriva|mingw32|mvs|netbsd|\
    netware|openbsd|openserver|opensolaris|opensuse|openvms|oracle linux|os x|os/2|os/400|osf1|osx|raspbian|red hat|\
    red hat enterprise linux|red hat linux|redhat|rhel|rocky linux|scientific linux|sco unix|slackware|sles|smartos|\
    solaris|sunos|suse|suse linux|synology|synology dsm|tru64|ubuntu|ultrix|unixware|vm/esa|vms|win32|win64|win95|\
    win98|windows|windows 2000|windows 2003|windows nt|windows nt/2000/xp|windows server|windows xp|windowsnt|winnt|\
    winnt/2000/xp|z/os|z/vm";

/// Letters in the tail of a version that name a system, as in `-Debian-22ubuntu3`.
pub(super) const TAILS: &str = "\
    aix|alpine|amzn|centos|darwin|debian|fedora|freebsd|gentoo|linux|macos|mandrake|mandriva|mdk|mdv|mga|netbsd|\
    openbsd|opensuse|raspbian|redhat|rhel|solaris|sunos|suse|ubuntu|win|windows";

/// Those that do so before a digit only, as in `el7` and `deb12u1`.
pub(super) const SHORT_TAILS: &str = "\
    deb|el|fc|sles";

/// Words of protocols, which name no product.
pub(super) const PROTOCOLS: &str = "\
    8bitmime|aes|apop|capability|cvss|dkim|dmarc|dns|dsn|dtls|ehlo|esmtp|esmtps|esmtpsa|gmt|gssapi|helo|http|https|\
    imap|imap4|imap4rev1|imap4rev2|imaps|implementation|ip|ipv4|ipv6|iso|jmap|kerberos|ldap|lhlo|lmtp|managesieve|\
    md5|mime|nntp|ntlm|oauth|pop|pop2|pop3|pop3s|protocol|rfc|rsa|sasl|sha|sieve|smpp|smtp|smtps|spf|ssl|starttls|\
    tcp|tls|udp|utc|utf-8|utf8|xoauth2";

/// Of those, the ones whose own versions stand behind them.
pub(super) const VERSIONED: &str = "\
    cvss|dkim|dmarc|dtls|gmt|http|https|ip|iso|kerberos|mime|oauth|protocol|rfc|sasl|spf|ssl|tls|utc";

/// Words that stand in the names of products, and name none alone.
pub(super) const NOUNS: &str = "\
    32bit|64bit|advanced|agent|anti-spam|anti-virus|antispam|antivirus|appliance|beta|c|community|connector|daemon|\
    default|e-mail|edition|email|engine|enterprise|esmtpd|exchanger|express|external|fast|filter|final|firewall|\
    free|freeware|gateway|generic|handler|hosting|hub|imapd|imapserver|inbound|incoming|internal|internet|listener|\
    lite|local|mail|mailadmin|mailbox|mailboxes|mailer|mailer-daemon|mailfilter|mailgateway|mailhost|mailhub|\
    mailproxy|mailrelay|mailserver|mailservice|mailsystem|manager|mda|message|messaging|mta|mx|mxserver|network|\
    networks|outbound|outgoing|plus|pop3d|pop3server|popper|popserver|postmaster|private|pro|professional|\
    protection|proxy|public|r|receiver|relay|remote|secure|securemail|security|sender|server|servers|service|\
    services|simple|smtpd|smtpgateway|smtpproxy|smtpserver|smtpservice|software|standard|suite|system|systems|tm|\
    transport|webmail|x64|x86|x86_64";

/// Of those, the ones whose version needs no name before it.
pub(super) const SERVERS: &str = "\
    agent|appliance|daemon|edition|engine|gateway|imapd|listener|mailer|mailserver|mta|pop3d|proxy|receiver|server|\
    smtpd|software|suite";

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
    a|about|accept|accepted|accepts|access|address|addresses|after|ag|again|ahead|all|am|an|and|and/or|any|apr|\
    april|are|article|as|at|attention|aug|august|auth|authorised|authorized|available|average|bank|be|because|been|\
    before|behind|blacklisted|blocked|bound|bst|bulk|by|bye|can|cannot|cdt|cest|cet|chapter|chunking|city|client|\
    clients|close|closed|closing|cluster|code|college|command|commands|commercial|company|connected|connection|\
    connections|contact|copyright|corp|cost|could|count|cst|data|date|days|dec|december|delivered|delivery|denied|\
    department|details|did|do|does|don't|dont|due|dummy|edt|error|errors|est|expn|failed|failure|feb|february|\
    federal|first|for|fri|friday|from|glad|gmbh|go|good|goodbye|government|greetings|had|has|have|he|hello|help|her|\
    here|hey|hi|his|host|hours|how|i|id|if|in|inc|incorporated|info|information|institute|into|is|it|item|its|jan|\
    january|jst|jul|july|jun|june|just|last|later|like|limit|limits|line|lines|listed|listening|llc|load|loadavg|\
    logged|logging|login|looking|ltd|many|mar|march|max|maximum|may|mdt|meet|messages|min|minimum|minutes|mon|\
    monday|monitored|more|morning|msk|mst|much|must|my|name|new|next|nice|no|node|none|noop|not|notice|nov|november|\
    now|number|oct|october|of|office|ok|okay|old|on|one|only|or|our|over|page|part|pdt|percent|pipelining|plain|\
    please|pleased|pm|policy|pool|port|powered|price|prohibited|property|proudly|provided|pst|queue|queued|quit|\
    ready|reason|receive|received|recognised|recognized|recorded|refused|reject|rejected|reply|reserved|response|\
    rights|rset|running|sat|saturday|school|score|second|seconds|section|see|send|sent|sep|sept|september|session|\
    sessions|shall|she|should|size|spam|started|starting|state|status|step|sun|sunday|syntax|sys|temporarily|\
    temporary|terms|test|testing|that|the|their|there|these|they|third|this|those|three|thu|thursday|time|to|today|\
    too|total|transaction|try|tue|tuesday|two|ube|uce|unauthorised|unauthorized|unavailable|under|university|\
    unknown|unsolicited|up|uptime|use|user|users|using|via|visit|vrfy|warning|was|we|wed|wednesday|welcome|were|\
    what|when|where|which|who|why|will|with|without|would|yes|you|your";

/// Words at which the search for a product's version ends.
pub(super) const ENDS: &str = "\
    at|by|copyright|dtls|fri|friday|from|http|id|in|load|mon|monday|on|ready|sat|saturday|says|ssl|starttls|sun|\
    sunday|thu|thursday|tls|tue|tuesday|up|using|via|wed|wednesday";

/// Units: the number before them is an amount.
pub(super) const UNITS: &str = "\
    byte|bytes|connections|day|days|eur|g|gb|gib|h|hour|hours|k|kb|kib|m|mb|messages|mib|min|mins|minute|minutes|ms|\
    octets|of|percent|points|s|sec|second|seconds|secs|spam|tb|usd|users|weeks|years";

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

    const LISTS: [&str; 15] = [
        PRODUCTS,
        CAPITAL,
        SYSTEMS,
        TAILS,
        SHORT_TAILS,
        PROTOCOLS,
        VERSIONED,
        NOUNS,
        SERVERS,
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
