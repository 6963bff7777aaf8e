//! Names for ids: people write "Sales" and "+91…", the API wants the id of the group or number.
//! Whether the user may have it is the directory's business.

use domain::setting::Setting;
use serde_json::Value;
use uuid::Uuid;

use crate::door::{Ask, Door};
use crate::output::Failure;

/// Settings that refer to something of the account: its collection, the field people know, and
/// what one of it is called.
const REFERRING: &[(Setting, &str, &str, &str)] = &[
    (Setting::Groups, "/groups", "name", "group"),
    (Setting::SkillGroups, "/skill-groups", "name", "skill group"),
    (Setting::Desks, "/desks", "name", "desk"),
    (Setting::Role, "/roles", "name", "role"),
    (Setting::CallerIds, "/numbers", "number", "number"),
    (Setting::RoutingCallerId, "/numbers", "number", "number"),
];
/// Rows of one collection that are known by name; beyond it ids must be written.
const NAMES_MAX: usize = 20_000;

/// What the account's things are called.
#[derive(Default)]
pub(crate) struct References {
    named: Vec<Named>,
}

struct Named {
    collection: &'static str,
    id: String,
    name: String,
}

impl References {
    /// Reads the collections these settings refer to.
    pub(crate) async fn read(
        door: &Door,
        settings: impl IntoIterator<Item = Setting>,
    ) -> Result<Self, Failure> {
        let mut known = Self::default();
        for setting in settings {
            let Some((collection, key)) = collection_of(setting) else { continue };
            if known.named.iter().any(|it| it.collection == collection) {
                continue;
            }
            for row in door.rows(Ask::get(collection), NAMES_MAX).await? {
                let text = |key| row.get(key).and_then(Value::as_str).map(str::to_owned);
                if let (Some(id), Some(name)) = (text("id"), text(key)) {
                    known.named.push(Named { collection, id, name });
                }
            }
        }
        Ok(known)
    }

    /// The id of what is called so; an id, an unknown or an ambiguous name stays as written, for
    /// the directory to judge.
    pub(crate) fn id(&self, setting: Setting, written: &str) -> String {
        if Uuid::parse_str(written).is_ok() {
            return written.to_owned();
        }
        let is_it = |named: &&Named| named.name.eq_ignore_ascii_case(written);
        match self.of(setting).filter(is_it).collect::<Vec<_>>().as_slice() {
            [one] => one.id.clone(),
            _ => written.to_owned(),
        }
    }

    /// What the thing of this id is called, where no other of its kind is called the same.
    pub(crate) fn name(&self, setting: Setting, id: &str) -> String {
        let Some(found) = self.of(setting).find(|named| named.id == id) else {
            return id.to_owned();
        };
        let namesakes =
            self.of(setting).filter(|named| named.name.eq_ignore_ascii_case(&found.name)).count();
        if namesakes == 1 && !found.name.contains(';') { found.name.clone() } else { id.to_owned() }
    }

    fn of(&self, setting: Setting) -> impl Iterator<Item = &Named> {
        let collection = collection_of(setting).map(|(collection, _)| collection);
        self.named.iter().filter(move |named| Some(named.collection) == collection)
    }
}

/// What a value names without naming anything there is, and of which kind: `("group", "Sales")`.
/// Where several are called so, an id is wanted, and the name is one of these as well.
pub(crate) fn unknown(setting: Setting, value: &Value) -> Option<(&'static str, &str)> {
    let (.., kind) = REFERRING.iter().find(|(referring, ..)| *referring == setting)?;
    // A text where there could be a list is a word for the whole of it, such as `all`.
    let is_one = matches!(setting, Setting::Role | Setting::RoutingCallerId);
    let items = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut named = items.chain(value.as_str().filter(|_| is_one));
    Some((*kind, named.find(|name| Uuid::parse_str(name).is_err())?))
}

fn collection_of(setting: Setting) -> Option<(&'static str, &'static str)> {
    let found = REFERRING.iter().find(|(referring, ..)| *referring == setting);
    found.map(|(_, collection, key, _)| (*collection, *key))
}
