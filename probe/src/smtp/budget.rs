//! How often a host may refuse us something. Servers are watched by programs that shut out whoever is refused too often:
//! fail2ban, as it comes, after five refusals in ten minutes, of whatever kind and on whatever port.

use shared::evidence::Exchange;
use shared::syntax::refusal::is_counted;

/// After so many refusals within the cool-down a host is asked nothing more that it may refuse.
pub const REFUSALS_MAX: usize = 4;

/// So many are kept for the question which recipients a server takes: a made-up name and a foreign one, which are nearly
/// always refused, and one name that may be.
pub(super) const KEPT: usize = 3;

/// How many of these are left behind this conversation so far.
pub(super) fn left(refusals_max: usize, exchanges: &[Exchange]) -> usize {
    refusals_max.saturating_sub(exchanges.iter().filter(|exchange| is_counted(exchange)).count())
}
