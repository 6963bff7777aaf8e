//! Where calls go as one text: `hang_up`, `team:` with its name or id, `user:` with his id.
//! Whether there is such a team or user is the directory's business.

use domain::setting::Setting;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Names;

const HANG_UP: &str = "hang_up";
const TEAM: &str = "team";
const USER: &str = "user";

/// The destination; a text that is none stays as written, for the directory to refuse.
pub(crate) fn read(text: &str, names: &Names) -> Value {
    match text.split_once(':') {
        None if text == HANG_UP => json!({ "type": HANG_UP }),
        Some((TEAM, name)) => {
            json!({ "type": TEAM, "id": names.id(Setting::Failover, name.trim()) })
        }
        Some((USER, id)) => json!({ "type": USER, "id": id.trim() }),
        None | Some(_) => text.into(),
    }
}

/// The text that [`read`] takes back.
pub(crate) fn write(value: &Value, names: &Names) -> String {
    let id = value["id"].as_str().unwrap_or_default();
    match value["type"].as_str() {
        Some(TEAM) => format!("{TEAM}:{}", names.name(Setting::Failover, id)),
        Some(USER) => format!("{USER}:{id}"),
        Some(_) | None => HANG_UP.to_owned(),
    }
}

/// The team or user that is named and not there.
pub(crate) fn unknown(value: &Value) -> Option<(&'static str, &str)> {
    let id = value["id"].as_str().filter(|id| Uuid::parse_str(id).is_err())?;
    let word = if value["type"] == USER { USER } else { TEAM };
    Some((word, id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    const SALES: &str = "0190f5a0-0000-7000-8000-000000000001";
    const CARE: &str = "0190f5a0-0000-7000-8000-000000000002";

    fn names() -> Names {
        let mut names = Names::default();
        names.add(Kind::Group, SALES.to_owned(), "Sales".to_owned());
        names.add(Kind::Group, CARE.to_owned(), "Care".to_owned());
        names.add(Kind::Desk, SALES.replace('1', "3"), "Care".to_owned());
        names
    }

    #[test]
    fn what_is_written_reads_back() {
        for (value, text) in [
            (json!({ "type": "hang_up" }), "hang_up".to_owned()),
            (json!({ "type": "team", "id": SALES }), "team:Sales".to_owned()),
            (json!({ "type": "team", "id": CARE }), format!("team:{CARE}")),
            (json!({ "type": "user", "id": SALES }), format!("user:{SALES}")),
        ] {
            assert_eq!(write(&value, &names()), text);
            assert_eq!(read(&text, &names()), value);
        }
    }

    #[test]
    fn what_is_no_destination_is_left_to_be_refused() {
        assert_eq!(read("the moon", &names()), json!("the moon"));
        let nobody = read("team:Nobody", &names());
        assert_eq!(nobody, json!({ "type": "team", "id": "Nobody" }));
        assert_eq!(unknown(&nobody), Some(("team", "Nobody")));
        assert_eq!(unknown(&read("team:Sales", &names())), None);
    }
}
