//! Calls of the site's storage. Each has a deadline, so that one which never answers holds up nobody for good; and in
//! the lab each fails as it is told to.

use std::future::Future;
use std::time::Duration;

use crate::time;

/// How long one call may take.
const DEADLINE: Duration = Duration::from_secs(15);

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// A body is written.
    Put,
    /// A body is read.
    Get,
    /// A body is deleted.
    Delete,
    /// Rows are read.
    Read,
    /// Rows are written.
    Write,
}

impl Call {
    /// Its name, for whoever makes it fail.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Put => "r2-put",
            Self::Get => "r2-get",
            Self::Delete => "r2-delete",
            Self::Read => "d1-read",
            Self::Write => "d1-write",
        }
    }
}

/// Waits for a call, but not for ever. What took too long may still be done: everything that is written here can be
/// written twice.
pub async fn call<T>(what: Call, work: impl Future<Output = worker::Result<T>>) -> worker::Result<T> {
    let work = async {
        #[cfg(feature = "lab")]
        return crate::lab::faulty(what, work).await;
        #[cfg(not(feature = "lab"))]
        return work.await;
    };
    let late = || Err(worker::Error::RustError(format!("{} took too long", what.name())));
    time::within(DEADLINE, work).await.unwrap_or_else(late)
}
