//! Everything that knows mail, as pure functions.
//!
//! - [`plan::plan`] names the facts that a case still lacks.
//! - [`report::judge`] says what the facts mean.
//!
//! Both are functions of the *set* of evidence in a [`case::Case`]. There is no clock, socket or
//! random number in this crate; a driver (browser, Worker, terminal) holds those.

#![cfg_attr(test, allow(clippy::string_slice, clippy::type_complexity))]

pub mod api;
pub mod case;
pub mod checks;
pub mod difference;
pub mod disclosure;
pub mod domain;
pub mod evidence;
pub mod facts;
pub mod finding;
pub mod grade;
pub mod grant;
pub mod https_url;
pub mod inquiry;
pub mod json;
pub mod lint;
pub mod local_part;
mod markdown;
pub mod net;
#[cfg(feature = "openapi")]
pub mod openapi;
pub mod outbound;
pub mod picture;
pub mod plan;
pub mod problem;
pub mod remedies;
pub mod report;
pub mod spf;
pub mod syntax;
pub mod unseen;
pub mod visible;

pub use case::{Case, Options};
pub use domain::DomainName;
pub use evidence::{Answer, Evidence};
pub use finding::{Confidence, Finding, Sin, Verdict};
pub use grant::Grant;
pub use https_url::HttpsUrl;
pub use inquiry::Inquiry;
pub use plan::plan;
pub use report::{Report, judge};
pub use unseen::Unseen;

/// Changes with any change of a verdict, of the plan's questions or of the grade's rule.
pub const POLICY_VERSION: u32 = 9;
