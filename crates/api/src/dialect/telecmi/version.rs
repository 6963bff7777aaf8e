//! What differs between TeleCMI's three APIs: ids, codes, statuses and words.
//! Not what an operation does: that is the same in all.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

/// One of the vendor's APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// rest v2.
    V2,
    /// rest v3.
    V3,
    /// chub-india v1, which calls users agents.
    India,
}

/// An HTTP status and what `msg` says with it.
pub(super) type Words = (u16, &'static str);

/// One version's column of the table.
pub(super) struct Terms {
    /// Digits of an extension when a user is added.
    pub(super) extension_digits: RangeInclusive<usize>,
    pub(super) missing: Words,
    /// A bad app id or secret where the endpoint does not say otherwise.
    pub(super) bad_app: Words,
    pub(super) not_allowed: Words,
    pub(super) no_such_user: Words,
    pub(super) user_exists: Words,
    pub(super) bad_status: Words,
}

const V2: Terms = Terms {
    extension_digits: 3..=3,
    missing: (400, "Parameter missing"),
    bad_app: (401, "Invalid app id or secret"),
    not_allowed: (401, "authentication failed"),
    no_such_user: (401, "Invalid User ID"),
    user_exists: (400, "id already exists"),
    bad_status: (401, "Invalid Status"),
};

/// Ids have four digits, but a public client adds its v2 users here first.
const V3: Terms = Terms {
    extension_digits: 3..=4,
    missing: (400, "Validation failed"),
    bad_app: (401, "Authentication Failed"),
    not_allowed: (401, "Authentication Failed"),
    no_such_user: (404, "Agent not found or no changes made"),
    user_exists: (400, "id already exists"),
    bad_status: (400, "Validation failed"),
};

const INDIA: Terms = Terms {
    extension_digits: 3..=3,
    missing: (400, "Missing parameter"),
    bad_app: (400, "Invalid app id or secret"),
    not_allowed: (400, "authentication failed"),
    no_such_user: (400, "Invalid Agent ID"),
    user_exists: (400, "Agent already exists"),
    bad_status: (400, "Invalid status name"),
};

impl Version {
    /// The version a path is for; what is for none is answered as v2.
    pub(super) fn of_path(path: &str) -> Self {
        match path.split('/').next() {
            Some("v1") => Self::India,
            Some("v3") => Self::V3,
            Some(_) | None => Self::V2,
        }
    }

    pub(super) const fn terms(self) -> &'static Terms {
        match self {
            Self::V2 => &V2,
            Self::V3 => &V3,
            Self::India => &INDIA,
        }
    }

    /// `code` of an answer with this HTTP status.
    pub(super) fn code(self, status: u16) -> Value {
        match self {
            Self::V2 | Self::V3 => json!(status),
            Self::India => json!(format!("cmi-{status}")),
        }
    }

    /// `code` of a list or a removal, which chub-india writes with one zero more.
    pub(super) fn code_of_list(self) -> Value {
        match self {
            Self::V2 | Self::V3 => json!(200),
            Self::India => json!("cmi-2000"),
        }
    }
}
