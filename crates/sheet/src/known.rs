//! Which user a row is about: by id, else login, else extension; nobody known is a new one.

use std::collections::HashMap;

use domain::setting::Setting;
use domain::text::Login;

use crate::Row;

/// The users there are.
#[derive(Debug, Default)]
pub struct Known {
    ids: std::collections::HashSet<String>,
    logins: HashMap<String, String>,
    extensions: HashMap<String, String>,
}

/// What is to be done about a row.
#[derive(Debug)]
pub struct Work {
    pub row: Row,
    pub target: Target,
}

/// Whom a row is about.
#[derive(Debug, PartialEq, Eq)]
pub enum Target {
    New,
    /// The id of the user to change.
    User(String),
    /// Why nothing is asked of the directory.
    Unclear(String),
}

impl Known {
    /// One user more.
    pub fn add(&mut self, id: String, login: Option<&str>, extension: Option<String>) {
        if let Some(login) = login {
            self.logins.insert(folded(login), id.clone());
        }
        if let Some(extension) = extension {
            self.extensions.insert(extension, id.clone());
        }
        self.ids.insert(id);
    }

    /// Every row with what is to be done about it.
    #[must_use]
    pub fn matched(&self, rows: Vec<Row>) -> Vec<Work> {
        let mut lines = HashMap::new();
        rows.into_iter()
            .map(|row| {
                let target = repeated(&row, &mut lines).unwrap_or_else(|| self.target(&row));
                Work { row, target }
            })
            .collect()
    }

    fn target(&self, row: &Row) -> Target {
        if let Some(id) = row.id.as_ref().filter(|id| self.ids.contains(*id)) {
            return Target::User(id.clone());
        }
        let login = row.text(Setting::Login).and_then(|login| self.logins.get(&folded(login)));
        let extension = row.text(Setting::Extension).and_then(|it| self.extensions.get(it));
        match (login, extension) {
            (Some(one), Some(other)) if one != other => {
                Target::Unclear("login and extension belong to two users".to_owned())
            }
            (Some(user), _) | (None, Some(user)) => Target::User(user.clone()),
            (None, None) => Target::New,
        }
    }
}

/// A row about the same user as one before it: only one of them can be meant.
fn repeated(row: &Row, lines: &mut HashMap<(&'static str, String), u64>) -> Option<Target> {
    let login = row.text(Setting::Login).map(|login| ("login", folded(login)));
    let extension = row.text(Setting::Extension).map(|it| ("extension", it.to_owned()));
    let id = row.id.clone().map(|id| ("id", id));
    for (what, value) in [id, login, extension].into_iter().flatten() {
        if let Some(line) = lines.insert((what, value), row.line) {
            return Some(Target::Unclear(format!("{what} is on line {line} already")));
        }
    }
    None
}

/// Logins that differ only in capitals are one.
fn folded(login: &str) -> String {
    Login::parse(login).map_or_else(|_| login.to_lowercase(), |login| login.folded().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(line: u64, login: &str, extension: &str) -> Row {
        let fields = json!({ "login": login, "extension": extension });
        Row { line, id: None, fields: fields.as_object().unwrap().clone() }
    }

    #[test]
    fn a_row_is_about_who_has_its_login_or_extension() {
        let mut known = Known::default();
        known.logins.insert("asha".to_owned(), "a".to_owned());
        known.extensions.insert("102".to_owned(), "b".to_owned());
        let rows = vec![row(2, "Asha", "101"), row(3, "ravi", "102"), row(4, "x", "104")];
        let targets: Vec<_> = known.matched(rows).into_iter().map(|work| work.target).collect();
        assert_eq!(targets, [Target::User("a".into()), Target::User("b".into()), Target::New]);
        let both = known.matched(vec![row(2, "asha", "102")]);
        assert!(matches!(both[0].target, Target::Unclear(_)));
    }

    #[test]
    fn a_login_twice_in_a_file_is_refused_with_both_lines() {
        let works = Known::default().matched(vec![row(2, "asha", "101"), row(3, "ASHA", "102")]);
        assert_eq!(works[0].target, Target::New);
        let said = Target::Unclear("login is on line 2 already".to_owned());
        assert_eq!(works[1].target, said);
    }
}
