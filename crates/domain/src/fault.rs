//! What is wrong with one value: the error of every `parse` in this crate.
//! It does not say which field or whose; a `Refusal` adds that.

use std::fmt;

/// Why a value cannot be taken. Displayed as a predicate on the field it belongs to, as in
/// "could not change the user: phone must be a telephone number".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    Empty,
    TooShort {
        min: usize,
    },
    TooLong {
        max: usize,
    },
    /// `expected` is a noun phrase: "a telephone number".
    Malformed {
        expected: &'static str,
    },
    OutOfRange {
        min: i64,
        max: i64,
    },
    TooMany {
        max: usize,
    },
    /// It names something this account does not have, or that does not exist at all.
    Unknown,
    Taken,
    NotClearable,
    NotChangeable,
    NotGranted,
    LastAdministrator,
    /// Two values of one change exclude each other; `with` names the other field.
    Conflict {
        with: &'static str,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => out.write_str("must not be empty"),
            Self::TooShort { min } => write!(out, "must have at least {min} characters"),
            Self::TooLong { max } => write!(out, "must have at most {max} characters"),
            Self::Malformed { expected } => write!(out, "must be {expected}"),
            Self::OutOfRange { min, max } => write!(out, "must be between {min} and {max}"),
            Self::TooMany { max } => write!(out, "must have at most {max} entries"),
            Self::Unknown => out.write_str("is not known"),
            Self::Taken => out.write_str("is already in use"),
            Self::NotClearable => out.write_str("must have a value"),
            Self::NotChangeable => out.write_str("cannot be changed"),
            Self::NotGranted => out.write_str("is not granted to this user"),
            Self::LastAdministrator => {
                out.write_str("would leave the account without an active administrator")
            }
            Self::Conflict { with } => write!(out, "conflicts with {with}"),
        }
    }
}

impl std::error::Error for Fault {}
