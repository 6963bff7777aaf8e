//! A call to be placed for a user: whom it goes to, what it shows, how its caller knows it again.
//! Who may place one is not known here.

use std::num::NonZeroU32;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::phone::PhoneNumber;

/// Characters of a reference: a URL or two ids of somebody else's system.
pub const REFERENCE_CHARS_MAX: usize = 255;

/// How long a call may be limited to: a day is longer than any that is meant.
pub const TALK_SECONDS: RangeInclusive<u32> = 1..=86_400;

/// A click-to-call as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Click {
    /// An extension or a telephone number, as the user would dial it.
    pub destination: Box<str>,
    /// The number to show outside the account; the user's settings say it where this does not.
    pub caller_id: Option<PhoneNumber>,
    pub reference: Option<CallReference>,
    /// Seconds after which the two who talk are hung up on; without, they talk as long as they like.
    pub talk_seconds_max: Option<NonZeroU32>,
}

impl Click {
    /// A call that shows what the user's settings say.
    #[must_use]
    pub fn to(destination: impl Into<Box<str>>) -> Self {
        Self {
            destination: destination.into(),
            caller_id: None,
            reference: None,
            talk_seconds_max: None,
        }
    }
}

/// What somebody else's system calls a call: kept with it and told again, and nothing more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallReference(Box<str>);

impl CallReference {
    /// Reads one line of text.
    ///
    /// # Errors
    ///
    /// Empty, longer than [`REFERENCE_CHARS_MAX`], or with control characters in it.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        if text.contains(char::is_control) {
            return Err(Fault::Malformed { expected: "text without control characters" });
        }
        if text.chars().count() > REFERENCE_CHARS_MAX {
            return Err(Fault::TooLong { max: REFERENCE_CHARS_MAX });
        }
        Ok(Self(text.into()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_one_line_of_text() {
        assert_eq!(CallReference::parse(" deal 7 ").unwrap().as_str(), "deal 7");
        let longest = "ä".repeat(REFERENCE_CHARS_MAX);
        assert!(CallReference::parse(&longest).is_ok());
        for wrong in ["", " ", "a\nb", &format!("{longest}x")] {
            assert!(CallReference::parse(wrong).is_err(), "{wrong}");
        }
    }
}
