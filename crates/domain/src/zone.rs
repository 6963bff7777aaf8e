//! A user's time zone: a row of our zone table, with the rules of the bundled database.
//! Never the machine's own database, so every node reads a shift alike, whatever its packages.

use std::cmp::Ordering;
use std::fmt;
use std::sync::{LazyLock, OnceLock};

use jiff::tz::TimeZoneDatabase;

use crate::fault::Fault;
use crate::json_text::json_text;
use crate::zone_table::ZONE_NAMES;

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Rules of the zones in use, read once each.
static RULES: [OnceLock<jiff::tz::TimeZone>; ZONE_NAMES.len()] =
    [const { OnceLock::new() }; ZONE_NAMES.len()];

/// A zone of the IANA time-zone database under its current name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeZone(u16);

impl TimeZone {
    /// The last row of the table as it was first written; later rows follow it.
    pub const UTC: Self = Self(418);

    /// Takes any name or alias the database knows, in any case: `asia/calcutta` is Asia/Kolkata.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        Self::by_name(text).or_else(|| Self::by_alias(text)).ok_or(Fault::Unknown)
    }

    /// The number vendors' clients store for this zone; 1 is the first.
    pub fn id(self) -> u16 {
        self.0 + 1
    }

    pub fn from_id(id: u16) -> Result<Self, Fault> {
        match id.checked_sub(1) {
            Some(position) if usize::from(position) < ZONE_NAMES.len() => Ok(Self(position)),
            Some(_) | None => Err(Fault::Unknown),
        }
    }

    pub fn all() -> impl Iterator<Item = Self> {
        (0_u16..).take(ZONE_NAMES.len()).map(Self)
    }

    pub fn name(self) -> &'static str {
        ZONE_NAMES.get(usize::from(self.0)).copied().unwrap_or("UTC")
    }

    /// The zone's rules, shared by all who ask.
    pub fn rules(self) -> &'static jiff::tz::TimeZone {
        static UTC: jiff::tz::TimeZone = jiff::tz::TimeZone::UTC;
        RULES.get(usize::from(self.0)).map_or(&UTC, |rules| {
            rules.get_or_init(|| DATABASE.get(self.name()).unwrap_or(jiff::tz::TimeZone::UTC))
        })
    }

    /// The zone's rules, for jiff's own types.
    pub fn jiff(self) -> jiff::tz::TimeZone {
        self.rules().clone()
    }

    fn by_name(text: &str) -> Option<Self> {
        let position = BY_NAME.binary_search_by(|zone| compare_folded(zone.name(), text)).ok()?;
        BY_NAME.get(position).copied()
    }

    fn by_alias(text: &str) -> Option<Self> {
        let zone = DATABASE.get(text).ok()?;
        zone.primary_iana_name().and_then(Self::by_name)
    }
}

/// The table in the order of names: a start with many users parses as many zones.
static BY_NAME: LazyLock<Vec<TimeZone>> = LazyLock::new(|| {
    let mut zones: Vec<TimeZone> = TimeZone::all().collect();
    zones.sort_by(|one, other| compare_folded(one.name(), other.name()));
    zones
});

fn compare_folded(one: &str, other: &str) -> Ordering {
    folded_bytes(one).cmp(folded_bytes(other))
}

fn folded_bytes(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().map(|byte| byte.to_ascii_lowercase())
}

impl fmt::Display for TimeZone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl fmt::Debug for TimeZone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "TimeZone({self})")
    }
}

json_text!(TimeZone);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_in_the_bundled_database() {
        for zone in TimeZone::all() {
            let rules = DATABASE.get(zone.name());
            assert_eq!(rules.unwrap().iana_name(), Some(zone.name()));
            assert_eq!(zone.rules().iana_name(), Some(zone.name()));
        }
    }

    #[test]
    fn every_geographic_zone_of_the_database_is_in_the_table() {
        for name in DATABASE.available() {
            let zone = DATABASE.get(name.as_str()).unwrap();
            if zone.location().is_some() {
                assert_eq!(TimeZone::parse(name.as_str()).unwrap().rules(), &zone, "{name}");
            }
        }
    }

    #[test]
    fn numbers_given_out_never_change() {
        for (id, name) in [
            (1, "Africa/Abidjan"),
            (36, "Africa/Lusaka"),
            (247, "Asia/Kolkata"),
            (337, "Europe/London"),
            (418, "Pacific/Wallis"),
            (419, "UTC"),
        ] {
            assert_eq!(TimeZone::from_id(id).unwrap().name(), name);
            assert_eq!(TimeZone::parse(name).unwrap().id(), id);
        }
        assert_eq!(TimeZone::UTC.name(), "UTC");
        assert_eq!(TimeZone::from_id(0), Err(Fault::Unknown));
        assert_eq!(TimeZone::from_id(420), Err(Fault::Unknown));
    }

    #[test]
    fn old_names_mean_the_zone_that_replaced_them() {
        for (alias, name) in [
            ("Asia/Calcutta", "Asia/Kolkata"),
            ("asia/kolkata", "Asia/Kolkata"),
            ("US/Eastern", "America/New_York"),
            ("Etc/UTC", "UTC"),
            ("GMT", "UTC"),
            ("Europe/Kiev", "Europe/Kyiv"),
        ] {
            assert_eq!(TimeZone::parse(alias).unwrap().name(), name);
        }
        for text in ["", "Mars/Base", "+05:30", "Etc/Unknown", "../etc/passwd"] {
            assert!(TimeZone::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn it_is_small() {
        assert_eq!(size_of::<Option<TimeZone>>(), 4);
    }
}
