//! Readers of foreign text. Each returns what it understood and what is wrong with the rest.

pub mod banner;
pub mod dmarc;
pub mod ehlo;
pub mod refusal;
pub mod tls_rpt;
