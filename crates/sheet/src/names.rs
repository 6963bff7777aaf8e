//! Names for ids: people write "Sales" and "+91…", a setting holds the id of the group or number.
//! Whether the user may have it is the directory's business.

use domain::resource::TeamKind;
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use serde_json::Value;
use uuid::Uuid;

use crate::destination;

/// What a setting refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Group,
    SkillGroup,
    Desk,
    Role,
    Number,
}

impl Kind {
    /// What this setting may refer to, where it refers to anything.
    #[must_use]
    pub const fn of(setting: Setting) -> &'static [Self] {
        match setting {
            Setting::Groups => &[Self::Group],
            Setting::SkillGroups => &[Self::SkillGroup],
            Setting::Desks => &[Self::Desk],
            Setting::Failover => &[Self::Group, Self::SkillGroup, Self::Desk],
            Setting::Role => &[Self::Role],
            Setting::CallerIds | Setting::RoutingCallerId => &[Self::Number],
            _ => &[],
        }
    }

    /// What one of it is called.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::SkillGroup => "skill group",
            Self::Desk => "desk",
            Self::Role => "role",
            Self::Number => "number",
        }
    }
}

/// What the account's things are called.
#[derive(Debug, Default)]
pub struct Names {
    named: Vec<Named>,
}

#[derive(Debug)]
struct Named {
    kind: Kind,
    id: String,
    name: String,
}

impl Names {
    /// Everything of an account that is not deleted.
    #[must_use]
    pub fn of(account: &Snapshot) -> Self {
        let mut names = Self::default();
        for team in account.teams.values().filter(|it| !it.deleted) {
            let kind = match team.kind {
                TeamKind::Group => Kind::Group,
                TeamKind::SkillGroup => Kind::SkillGroup,
                TeamKind::Desk => Kind::Desk,
            };
            names.add(kind, team.id.to_string(), team.name.to_string());
        }
        for role in account.roles.values().filter(|it| !it.deleted) {
            names.add(Kind::Role, role.id.to_string(), role.name.to_string());
        }
        for number in account.numbers.values().filter(|it| !it.deleted) {
            names.add(Kind::Number, number.id.to_string(), number.number.to_string());
        }
        names
    }

    /// One thing more.
    pub fn add(&mut self, kind: Kind, id: String, name: String) {
        self.named.push(Named { kind, id, name });
    }

    /// The id of what is called so; an id, an unknown or an ambiguous name stays as written, for
    /// the directory to judge.
    #[must_use]
    pub fn id(&self, setting: Setting, written: &str) -> String {
        if Uuid::parse_str(written).is_ok() {
            return written.to_owned();
        }
        let is_it = |named: &&Named| named.name.eq_ignore_ascii_case(written);
        match self.of_setting(setting).filter(is_it).collect::<Vec<_>>().as_slice() {
            [one] => one.id.clone(),
            _ => written.to_owned(),
        }
    }

    /// What a value names without naming anything there is, and the word for such a thing. Where several
    /// are called so, an id is wanted, and the name is one of these as well.
    #[must_use]
    pub fn unknown(setting: Setting, value: &Value) -> Option<(&'static str, &str)> {
        let word = match Kind::of(setting) {
            [] => return None,
            [one] => one.word(),
            [_, _, ..] => return destination::unknown(value),
        };
        // A text where there could be a list is a word for the whole of it, such as `all`.
        let is_one = matches!(setting, Setting::Role | Setting::RoutingCallerId);
        let items = value.as_array().into_iter().flatten().filter_map(Value::as_str);
        let mut named = items.chain(value.as_str().filter(|_| is_one));
        Some((word, named.find(|name| Uuid::parse_str(name).is_err())?))
    }

    /// What the thing of this id is called, where no other of its kind is called the same.
    #[must_use]
    pub fn name(&self, setting: Setting, id: &str) -> String {
        let Some(found) = self.of_setting(setting).find(|named| named.id == id) else {
            return id.to_owned();
        };
        let is_namesake = |named: &&Named| named.name.eq_ignore_ascii_case(&found.name);
        let namesakes = self.of_setting(setting).filter(is_namesake).count();
        if namesakes == 1 && !found.name.contains(';') { found.name.clone() } else { id.to_owned() }
    }

    fn of_setting(&self, setting: Setting) -> impl Iterator<Item = &Named> {
        let kinds = Kind::of(setting);
        self.named.iter().filter(|named| kinds.contains(&named.kind))
    }
}
