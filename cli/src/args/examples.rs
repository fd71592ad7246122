//! What `--help` shows below the options.

pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0  nothing at or above --fail-on was found
  1  something was
  2  the command line, or a file that it names, makes no sense
  3  it could not be checked: no resolver, nothing to be seen, cancelled
  Of several domains the worst counts, which is the highest.";

pub(super) const EXAMPLES: &str = "\
Examples:
  mailsins check example.org
      A readable report of example.org.
  mailsins check --from domains.txt --format sarif --output mailsins.sarif
      Many domains for a code scanner; the exit code is that of the worst.
  mailsins publish example.org --site https://mailsins.example
      Have a site check example.org and publish its report.
  mailsins replay report.json
      Judge a saved report again, by this version's rules, without a network.
  mailsins spf example.org --ip 192.0.2.25
      Whether this address may send for example.org, and why.
  mailsins lint dmarc 'v=DMARC1; p=rejct'
      What is wrong with a record, and where.
  mailsins completions bash > /etc/bash_completion.d/mailsins
      Complete commands and options in a shell.

Each command has examples of its own: mailsins check --help

Exit codes:
  0  nothing to complain about
  1  something was found
  2  the command line, or a file that it names, makes no sense
  3  it could not be done: no resolver, nothing to be seen, a site that refuses, cancelled";

pub(super) const CHECK_EXAMPLES: &str = "\
Examples:
  mailsins check example.org
      A readable report of example.org.
  mailsins check someone@example.org --format json > report.json
      A mail address or a URL will do; the report as JSON, with all its evidence.
  mailsins check example.org example.net --quiet
      A line each.
  mailsins check --from domains.txt --jobs 8 --format junit --output mailsins.xml
      Many domains, eight at a time, for a CI server that reads JUnit.
  mailsins check example.org --fail-on venial --probe-domain our.example
      In CI: exit code 1 if anything should be better.
  mailsins check example.org --baseline report.json
      Fail only on what is new or worse since that report, and say what changed.
  mailsins check example.org --resolver 9.9.9.9 --resolver https://dns.example/dns-query
      Ask these resolvers instead of those in /etc/resolv.conf.
  mailsins check example.org --selector 2026a
      Look at the DKIM key that example.org signs with, 2026a._domainkey.example.org.
  mailsins check example.org --host new.example.org
      Look at a new mail server of example.org before its MX record goes live.
  MAILSINS_EGRESS=https://user:password@exit.example:3129 mailsins check example.org
      Go to port 25 through a proxy of yours, where your own network can't.

Files of --from have a domain a line; what follows # counts for nothing.

JSON:
  One domain: its report. Several: a report a line, in the order of the domains; a domain that
  could not be checked has no line. With --baseline each report has a `difference` as well.

SARIF and JUnit:
  SARIF has a result for each finding that is no pass, and with --verbose for all. With --from, results
  point to the line of the file. JUnit has a suite for each domain and a case for each check of each
  subject: a failure is what --fail-on names, and what could not be seen is skipped with its reason.
";

pub(super) const SINK_EXAMPLES: &str = "\
Examples:
  mailsins sink --domain proof.example.org --post https://mailsins.example.org --secret-file /etc/mailsins/secret
      Take messages for one-time addresses at proof.example.org, and tell the site of each.

It takes nothing else, keeps no message and passes none on. docs/self-hosting.md says how to set it up.

It runs until it is stopped. Exit codes:
  2  the command line, or the file with the secret, makes no sense
  3  it can't listen there";

pub(super) const REPLAY_EXAMPLES: &str = "\
Examples:
  mailsins replay report.json
      Judge a saved report again, by this version's rules, without a network.
  mailsins check --from domains.txt --format json | mailsins replay - --format markdown
      Several reports, a line each, or an array.
  curl -s https://mailsins.example/r/ID.json | mailsins replay - --baseline report.json
      What a published report says that an older one doesn't.
";

pub(super) const PUBLISH_EXAMPLES: &str = "\
Examples:
  mailsins publish example.org --site https://mailsins.example
      The link of the report, its badge, and the key that deletes it.
  MAILSINS_SITE=https://mailsins.example mailsins publish example.org --json
      The same as JSON.

What this program sees itself is no evidence for a site: the site asks everything anew.
Who has the key can delete the report: curl -X DELETE -H 'Mailsins-Delete-Key: KEY' SITE/api/v1/reports/ID

Exit codes:
  0  it is published
  2  the command line makes no sense
  3  the site refused, or could not be reached";

pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  mailsins completions bash > ~/.local/share/bash-completion/completions/mailsins
  mailsins completions zsh > ~/.zfunc/_mailsins
  mailsins completions fish > ~/.config/fish/completions/mailsins.fish";

pub(super) const MAN_EXAMPLES: &str = "\
Examples:
  mailsins man | man -l -
      Read it.
  mailsins man --dir /usr/local/share/man/man1
      Write mailsins.1, mailsins-check.1 and so on.";

pub(super) const SPF_EXAMPLES: &str = "\
Examples:
  mailsins spf example.org --ip 192.0.2.25
      The result, the explanation, and the tree of terms with what each costs: [3] is three lookups.
  mailsins spf example.org --ip 2001:db8::25 --sender news@example.org --helo out.example.org --json
      With what the macros of some records look at; as JSON.

Exit codes:
  0  there is a result, whichever
  2  the command line makes no sense
  3  it could not be looked up: no resolver, or it does not answer";

pub(super) const LINT_EXAMPLES: &str = "\
Examples:
  mailsins lint spf 'v=spf1 ip4:192.0.2.300 include:_spf.example.net -all'
      Each fault under its place.
  mailsins lint dmarc '\"v=DMARC1; p=none\" \"; rua=mailto:dmarc@example.org\"'
      As it stands in a zone file: the strings are joined, and places are those in what you gave.
  dig +short TXT example.org | grep v=spf1 | mailsins lint spf - --json
      One record a line in, one JSON object a line out.
  mailsins lint smtp-banner '220 mx1.example.org ESMTP Postfix 3.7.11 (Debian)'
      What a greeting tells strangers, and which characters do; so for imap-banner and pop3-banner.

JSON:
  Each object has `kind`, `text`, `verdict` and `faults`.
  Those of banners have `discloses` as well: some of product, version, os, internal-name and
  internal-address; `product`, `version` and `os`, or null; and `spans` with `what`, `start`, `end`.
  Each fault has `code`, `message`, `verdict`, `start` and `end`. The last two count
  octets of the text in UTF-8, from 0: characters, where the text is ASCII. What is
  missing starts and ends at one place. Octets that are no UTF-8 become \\xNN first.

Exit codes:
  0  no fault at or above --fail-on
  1  there is one
  2  the command line makes no sense, or a text is longer than 65536 octets";
