//! Ending what a change does not allow to go on: the step between the new snapshot and the answer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use domain::policy::endings::{Ended, Endings};
use domain::user::User;

/// What the telephone side is told: end these registrations and calls of this user, now.
#[derive(Clone, Debug)]
pub struct Enforcement {
    pub before: Arc<User>,
    pub after: Arc<User>,
    pub endings: Endings,
}

/// Ends registrations and calls, and says how many once they are over. Plugged in by the server,
/// because the directory knows no telephony.
pub type Enforcer =
    Arc<dyn Fn(Enforcement) -> Pin<Box<dyn Future<Output = Ended> + Send>> + Send + Sync>;
