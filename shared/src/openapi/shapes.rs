//! The shapes of the types that are read and written by hand, or checked as they are read.

use std::borrow::Cow;
use std::net::IpAddr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::evidence::Variant;
use crate::grant::{Question, Sample, Token};
use crate::inquiry::{RecordType, scripts};
use crate::local_part::LocalPart;
use crate::{DomainName, HttpsUrl, Inquiry, Sin};

/// The schema of a type, under the name that it has.
macro_rules! shape {
    ($type:ident, $generator:ident => $schema:expr) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

shape!(DomainName, _generator => json_schema!({
    "description": "A domain name in lower case, internationalized ones in their ASCII form, without a dot at the end.",
    "type": "string", "minLength": 1, "maxLength": 253, "examples": ["example.org", "_25._tcp.mx1.example.org"],
}));
shape!(HttpsUrl, _generator => json_schema!({
    "description": "An https URL of a host name, without a login and on the usual port.",
    "type": "string", "format": "uri", "examples": ["https://mta-sts.example.org/.well-known/mta-sts.txt"],
}));
shape!(LocalPart, _generator => json_schema!({
    "description": "What stands before the @ of a mail address, of those that need no quotes.",
    "type": "string", "minLength": 1, "maxLength": 64, "examples": ["hostmaster"],
}));
shape!(Token, _generator => json_schema!({
    "description": "What tells a message of a scan from all others.",
    "type": "string", "pattern": "^[0-9a-f]{24}$", "examples": ["0123456789abcdef01234567"],
}));
shape!(Sin, _generator => json_schema!({
    "description": "One of the seven sins: 1 open relay, 2 plain-text authentication, 3 DNS errors, 4 banner disclosure, 5 RFC 2142 names, 6 no mail scanning, 7 no reasonable limits.",
    "type": "integer", "minimum": 1, "maximum": 7,
}));
shape!(Inquiry, generator => Written::json_schema(generator));

/// One question to the world.
#[derive(JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
#[allow(dead_code, reason = "it is only described")]
enum Written {
    /// A DNS question to a recursive resolver.
    Dns {
        name: DomainName,
        record: RecordType,
        /// The answer is wanted even where its signatures are wrong.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unchecked: bool,
    },
    /// One conversation with one host.
    Probe {
        address: IpAddr,
        /// One of the ports of mail.
        port: u16,
        /// The name that is asked for in TLS.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        host: Option<DomainName>,
        script: Script,
        /// The checked domain, in the scripts that speak of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        domain: Option<DomainName>,
        /// The mailbox that the domain's zone names as contact.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        contact: Option<LocalPart>,
        /// The mailbox that the domain's record names, in the scripts that send messages.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mailbox: Option<LocalPart>,
        /// What the message carries.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sample: Option<Sample>,
        /// What tells the message from all others.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<Token>,
        /// The domain of our receiving host, in the proof of a relay.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sink: Option<DomainName>,
        /// The shape of the recipient there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        variant: Option<Variant>,
        /// The second half of the variants.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        rest: bool,
    },
    /// A document over HTTPS.
    Fetch { url: HttpsUrl },
    /// What a message showed that the domain sent to the test of outgoing mail that was named with the scan.
    Mail {},
    /// What came to the one-time address of this token.
    Arrival { token: Token },
    /// What the domain's owner says.
    Owner { question: Question },
}

struct Script;

shape!(Script, _generator => json_schema!({
    "description": "A fixed conversation.", "type": "string", "enum": scripts(),
}));
