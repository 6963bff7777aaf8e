//! The vendors' APIs, each one file or folder, spoken over one user. A dialect translates: every
//! rule lives in `domain`, every change goes through `directory`. It is no vendor's own.
//!
//! Add a vendor: one file, one line in [`ALL`].

pub mod acefone;
pub(crate) mod call_id;
pub(crate) mod call_search;
pub(crate) mod call_sides;
pub mod callerdesk;
pub mod commpeak;
pub mod field;
pub(crate) mod hangup_cause;
pub mod manual;
pub(crate) mod platform;
pub mod route;
pub(crate) mod shown_number;
pub mod smartflo;
pub(crate) mod stamp;
pub mod telecmi;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use domain::credential::Voice;

use crate::reply::Reply;
use crate::request::Incoming;
use crate::state::Api;

/// What a dialect answers to one request.
pub type Answer = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// One vendor's API.
pub struct Dialect {
    /// The first segment of its paths, and its name in the configuration.
    pub mount: &'static str,
    pub voice: Voice,
    /// Everything below the mount goes here, wrong methods and unknown paths included.
    pub answer: fn(Arc<Api>, Incoming) -> Answer,
    /// The answer to a query of more pairs than are read, by the path below the mount.
    pub too_many_pairs: fn(&str) -> Reply,
    /// Its user table, for the manual.
    pub fields: &'static [field::Field],
    pub title: &'static str,
    /// The vendor's update-user page.
    pub url: &'static str,
    /// What an integrator should know besides, a sentence or two each, for the manual.
    pub differs: &'static [&'static str],
}

/// Every dialect.
pub const ALL: &[&Dialect] = &[
    &acefone::ACEFONE,
    &acefone::SERVETEL,
    &callerdesk::CALLERDESK,
    &commpeak::COMMPEAK,
    &smartflo::SMARTFLO,
    &telecmi::TELECMI,
];

/// The dialect mounted under this name.
#[must_use]
pub fn by_mount(mount: &str) -> Option<&'static Dialect> {
    ALL.iter().copied().find(|dialect| dialect.mount == mount)
}
