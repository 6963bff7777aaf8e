//! Acefone India and UK, "Patch a User" — <https://docs.acefone.in/reference/users> (read 2026-11).
//!
//! The platform of `platform/` under other host names. The India page has `disable_agent`, the UK
//! one has not: it is taken everywhere. Servetel is the same service, page for page.

use domain::credential::Voice;

use super::{Answer, Dialect, platform};
use crate::request::TooManyPairs;

pub const ACEFONE: Dialect = mounted("acefone", "Acefone");
pub const SERVETEL: Dialect = mounted("servetel", "Servetel");

const fn mounted(mount: &'static str, title: &'static str) -> Dialect {
    Dialect {
        mount,
        voice: Voice::Acefone,
        answer: |api, incoming| -> Answer {
            Box::pin(platform::answer(api, incoming, Voice::Acefone))
        },
        too_many_pairs: |_| platform::too_many_pairs(TooManyPairs),
        fields: platform::fields::FIELDS,
        title,
        url: "https://docs.acefone.in/reference/users",
        differs: platform::fields::DIFFERS,
    }
}
