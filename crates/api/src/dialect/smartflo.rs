//! Tata Smartflo, "Patch a User" —
//! <https://docs.smartflo.tatatelebusiness.com/reference/patch-a-user> (read 2026-11).
//!
//! The platform itself; everything is in `platform/`.

use domain::credential::Voice;

use super::{Answer, Dialect, platform};
use crate::request::TooManyPairs;

pub const SMARTFLO: Dialect = Dialect {
    mount: "smartflo",
    voice: Voice::Smartflo,
    answer: |api, incoming| -> Answer {
        Box::pin(platform::answer(api, incoming, Voice::Smartflo))
    },
    too_many_pairs: |_| platform::too_many_pairs(TooManyPairs),
    fields: platform::fields::FIELDS,
    title: "Tata Smartflo",
    url: "https://docs.smartflo.tatatelebusiness.com/reference/patch-a-user",
    differs: platform::fields::DIFFERS,
};
