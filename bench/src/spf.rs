//! SPF beside mail-auth: the same records, the same client, everything known beforehand.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, ensure};
use shared::evidence::{DnsAnswer, Record};
use shared::inquiry::RecordType;
use shared::spf::{Lookup, Outcome, Query, SpfResult, check_host};

use crate::row::Row;
use crate::{pure, timing};

/// A record of the usual kind, with three includes; the client is in the last of them.
const RECORDS: [(&str, &str); 4] = [
    ("example.org", "v=spf1 ip4:192.0.2.0/28 include:one.example include:two.example include:three.example -all"),
    ("one.example", "v=spf1 ip4:198.51.100.0/24 ip4:203.0.113.0/25 ip6:2001:db8:1::/48 ~all"),
    ("two.example", "v=spf1 ip4:198.18.0.0/20 ip4:198.18.16.0/20 ip4:198.18.32.0/20 ip4:198.18.48.0/20 ~all"),
    ("three.example", "v=spf1 ip4:100.64.0.0/24 ip4:100.64.1.0/24 ip4:100.64.2.0/24 ip4:100.64.3.0/24 ~all"),
];
const CLIENT: [u8; 4] = [100, 64, 3, 25];
const SENDER: &str = "someone@example.org";
const HELO: &str = "mx.example.org";

/// Our evaluation.
pub struct Ours(BTreeMap<&'static str, DnsAnswer>);

impl Ours {
    pub fn new() -> Self {
        let answer =
            |text: &str| DnsAnswer { records: vec![Record::Txt(vec![text.to_owned()])], ..DnsAnswer::default() };
        Self(RECORDS.into_iter().map(|(name, text)| (name, answer(text))).collect())
    }

    pub fn check(&self) -> Option<SpfResult> {
        let query =
            Query { ip: CLIENT.into(), domain: "example.org", sender: SENDER, helo: HELO, receiver: "", now: 0 };
        let known = |name: &str, record| match self.0.get(name) {
            Some(answer) if record == RecordType::Txt => Lookup::Known(answer),
            _ => Lookup::Missing,
        };
        match check_host(&query, &known) {
            Outcome::Done(evaluation) => Some(evaluation.result),
            Outcome::Lacks(_) => None,
        }
    }
}

pub fn rows(within: Duration) -> Result<Vec<Row>> {
    let ours = Ours::new();
    ensure!(ours.check() == Some(SpfResult::Pass), "we say {:?}", ours.check());
    let mut our = || {
        std::hint::black_box(ours.check());
    };
    let what = "SPF check_host, four records, pass";
    #[cfg(feature = "beside")]
    {
        let theirs = beside::Theirs::new()?;
        ensure!(theirs.check() == mail_auth::SpfResult::Pass, "mail-auth says {:?}", theirs.check());
        let mut their = || {
            std::hint::black_box(theirs.check());
        };
        let both = timing::medians(&mut [&mut our, &mut their], within);
        let (one, other) = (both.first().copied().unwrap_or(f64::NAN), both.get(1).copied().unwrap_or(f64::NAN));
        let beside = format!("mail-auth: {}; {} of it", pure::time(other), crate::row::number(one / other));
        Ok(vec![Row::new(what, pure::time(one)).with(beside)])
    }
    #[cfg(not(feature = "beside"))]
    {
        let both = timing::medians(&mut [&mut our], within);
        Ok(vec![Row::new(what, pure::time(both.first().copied().unwrap_or(f64::NAN)))])
    }
}

#[cfg(feature = "beside")]
mod beside {
    use std::borrow::Borrow;
    use std::collections::HashMap;
    use std::hash::Hash;
    use std::sync::Arc;
    use std::time::Instant;

    use fuzz::stream::at_once;
    use mail_auth::dns::TxtRecordParser;
    use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
    use mail_auth::spf::SpfRecord;
    use mail_auth::spf::verify::SpfParameters;
    use mail_auth::{DnsCache, MessageAuthenticator, Parameters, ResolverCache, SpfResult, TxtRecord};

    use super::{CLIENT, HELO, RECORDS, SENDER};

    /// mail-auth, which never gets to its resolver.
    pub struct Theirs {
        authenticator: MessageAuthenticator,
        texts: Texts,
        _runtime: tokio::runtime::Runtime,
    }

    impl Theirs {
        pub fn new() -> anyhow::Result<Self> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let authenticator = runtime
                .block_on(async { MessageAuthenticator::new(ResolverConfig::default(), ResolverOpts::default()) })?;
            let texts = RECORDS.into_iter().map(|(name, text)| (format!("{name}.").into_boxed_str(), text)).collect();
            Ok(Self { authenticator, texts: Texts(texts), _runtime: runtime })
        }

        pub fn check(&self) -> SpfResult {
            let asked = SpfParameters::new(CLIENT.into(), "example.org", HELO, "localhost", SENDER);
            at_once(self.authenticator.check_host(Parameters::new(asked).with_cache(&self.texts))).result()
        }
    }

    /// The records as texts: like ours they are read each time.
    struct Texts(HashMap<Box<str>, &'static str>);

    impl ResolverCache<Box<str>, TxtRecord> for Texts {
        fn get<Q: Hash + Eq + ?Sized>(&self, name: &Q) -> Option<TxtRecord>
        where
            Box<str>: Borrow<Q>,
        {
            let text = self.0.get(name)?;
            SpfRecord::parse(text.as_bytes()).ok().map(|record| TxtRecord::Spf(Arc::new(record)))
        }

        fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<TxtRecord>
        where
            Box<str>: Borrow<Q>,
        {
            None
        }

        fn insert(&self, _: Box<str>, _: TxtRecord, _: Instant) {}
    }

    /// Nothing: no record here asks for an address.
    pub struct Empty;

    impl<K, V> ResolverCache<K, V> for Empty {
        fn get<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<V>
        where
            K: Borrow<Q>,
        {
            None
        }

        fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<V>
        where
            K: Borrow<Q>,
        {
            None
        }

        fn insert(&self, _: K, _: V, _: Instant) {}
    }

    impl DnsCache for Texts {
        type Txt = Self;
        type Mx = Empty;
        type Ipv4 = Empty;
        type Ipv6 = Empty;
        type Ptr = Empty;

        fn txt(&self) -> Option<&Self> {
            Some(self)
        }

        fn mx(&self) -> Option<&Empty> {
            None
        }

        fn ipv4(&self) -> Option<&Empty> {
            None
        }

        fn ipv6(&self) -> Option<&Empty> {
            None
        }

        fn ptr(&self) -> Option<&Empty> {
            None
        }
    }
}
