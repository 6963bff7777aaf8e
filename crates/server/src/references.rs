//! What the account's things are called, asked of the API: people write names where it wants ids.

use domain::setting::Setting;
use serde_json::Value;
use sheet::{Kind, Names};

use crate::door::{Ask, Door};
use crate::output::Failure;

/// Rows of one collection that are known by name; beyond it ids must be written.
const NAMES_MAX: usize = 20_000;

/// Reads the collections these settings refer to.
pub(crate) async fn names(
    door: &Door,
    settings: impl IntoIterator<Item = Setting>,
) -> Result<Names, Failure> {
    let (mut names, mut read) = (Names::default(), Vec::new());
    for kind in settings.into_iter().flat_map(Kind::of) {
        if read.contains(kind) {
            continue;
        }
        read.push(*kind);
        let (collection, key) = collection(*kind);
        for row in door.rows(Ask::get(collection), NAMES_MAX).await? {
            let text = |key| row.get(key).and_then(Value::as_str).map(str::to_owned);
            if let (Some(id), Some(name)) = (text("id"), text(key)) {
                names.add(*kind, id, name);
            }
        }
    }
    Ok(names)
}

/// The collection, and the field of it that people know.
const fn collection(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Group => ("/groups", "name"),
        Kind::SkillGroup => ("/skill-groups", "name"),
        Kind::Desk => ("/desks", "name"),
        Kind::Role => ("/roles", "name"),
        Kind::Number => ("/numbers", "number"),
    }
}
