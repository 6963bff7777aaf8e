//! The token every form carries, so that no other site can send one in a user's name.
//! It is bound to a secret cookie, the session's or the visit's, and tells nothing of it.

use domain::hex::hex;
use domain::secret::Secret;
use sha2::{Digest, Sha256};

/// The name of the hidden field.
pub(crate) const FIELD: &str = "csrf";

/// The token of the forms shown to whoever holds this cookie.
pub(crate) fn token(cookie: &str) -> String {
    hex(&Sha256::digest(format!("rollcall form {cookie}")))
}

/// Whether a form was ours; compared in constant time.
pub(crate) fn is_valid(shown: &str, cookie: &str) -> bool {
    Secret::new(shown) == Secret::new(token(cookie))
}
