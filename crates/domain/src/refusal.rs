//! Why an update is turned down, in the directory's own words; every dialect has its own.

use std::fmt;

use crate::fault::Fault;
use crate::setting::Setting;

/// One bad field: which one, and what is wrong with the value asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub field: Field,
    pub fault: Fault,
}

/// What was refused: a user's setting, or a field of another resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Setting(Setting),
    Resource(&'static str),
}

impl Refusal {
    #[must_use]
    pub const fn new(setting: Setting, fault: Fault) -> Self {
        Self { field: Field::Setting(setting), fault }
    }

    /// A refusal of a number, team, role and so on.
    #[must_use]
    pub const fn of(field: &'static str, fault: Fault) -> Self {
        Self { field: Field::Resource(field), fault }
    }

    /// The field's name in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.field {
            Field::Setting(setting) => setting.name(),
            Field::Resource(name) => name,
        }
    }

    #[must_use]
    pub const fn setting(&self) -> Option<Setting> {
        match self.field {
            Field::Setting(setting) => Some(setting),
            Field::Resource(_) => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.name(), self.fault)
    }
}
