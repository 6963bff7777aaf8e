//! Where a call is sent, as two fields: a choice, and the extension where the choice is a user.

use std::sync::Arc;

use domain::fault::Fault;
use domain::id::TeamId;
use domain::resource::{Destination, Team};
use domain::snapshot::Snapshot;

use crate::fields::{Choice, Control, Field};
use crate::form::Pairs;
use crate::setting_fields::{reference, referenced};

const NOWHERE: &str = "";
const HANG_UP: &str = "hang_up";
const USER: &str = "user";
const HANG_UP_WORDS: &str = "hang up";

/// In words, for lists.
pub(crate) fn said(destination: Option<Destination>, account: &Snapshot) -> String {
    match destination {
        None => "Nowhere".to_owned(),
        Some(Destination::HangUp) => "Hang up".to_owned(),
        Some(Destination::User(id)) => account.user(id).map(|it| it.name()).unwrap_or_default(),
        Some(Destination::Team(id)) => {
            account.teams.get(&id).map(|it| it.name.to_string()).unwrap_or_default()
        }
    }
}

/// In one word of a form: a user's or team's extension, a name, or "hang up".
pub(crate) fn word(destination: Destination, account: &Snapshot) -> String {
    match destination {
        Destination::HangUp => HANG_UP_WORDS.to_owned(),
        Destination::User(id) => account.user(id).map(|it| reference(it)).unwrap_or_default(),
        Destination::Team(id) => {
            let Some(team) = account.team(id) else { return id.to_string() };
            let named = || teams_named(team.name.as_str(), account).count() == 1;
            match &team.extension {
                Some(extension) => extension.to_string(),
                None if named() => team.name.to_string(),
                None => id.to_string(),
            }
        }
    }
}

/// What [`word`] stands for; a team's name in any capitals, where only one has it.
pub(crate) fn meant(word: &str, account: &Snapshot) -> Option<Destination> {
    if word.eq_ignore_ascii_case(HANG_UP_WORDS) {
        return Some(Destination::HangUp);
    }
    let team = || {
        let by_id = || account.team(word.parse().ok()?);
        let mut named = teams_named(word, account);
        let by_name = named.next().filter(|_| named.next().is_none());
        let team = account.team_by_extension(word).or_else(by_id).or(by_name)?;
        Some(Destination::Team(team.id))
    };
    referenced(word, account).map(Destination::User).or_else(team)
}

fn teams_named<'a>(name: &'a str, account: &'a Snapshot) -> impl Iterator<Item = &'a Arc<Team>> {
    let folded = name.to_lowercase();
    let teams = account.teams.values().filter(|it| !it.deleted);
    teams.filter(move |it| it.name.as_str().to_lowercase() == folded)
}

pub(crate) fn fields(
    name: &'static str,
    label: &str,
    about: &str,
    destination: Option<Destination>,
    account: &Snapshot,
) -> [Field; 2] {
    let chosen = match destination {
        None => NOWHERE.to_owned(),
        Some(Destination::HangUp) => HANG_UP.to_owned(),
        Some(Destination::User(_)) => USER.to_owned(),
        Some(Destination::Team(id)) => id.to_string(),
    };
    let option = |value: &str, label: &str| Choice::new(value, label, value == chosen);
    let teams = account.teams.values().filter(|it| !it.deleted);
    let teams = teams.map(|it| option(&it.id.to_string(), it.name.as_str()));
    let fixed = [
        option(NOWHERE, "Nowhere"),
        option(HANG_UP, "Hang up"),
        option(USER, "A user, named below"),
    ];
    let user = match destination {
        Some(Destination::User(id)) => account.user(id).map(|it| reference(it)).unwrap_or_default(),
        Some(Destination::HangUp | Destination::Team(_)) | None => String::new(),
    };
    let options = fixed.into_iter().chain(teams).collect();
    let which = format!("{label}: user");
    let control = Control::Text { value: user, kind: "text" };
    let other =
        Field::new(&user_field(name), &which, "Extension or login, where it is a user.", control);
    [Field::choice(name, label, about, options), other]
}

fn user_field(name: &str) -> String {
    format!("{name}_user")
}

/// # Errors
///
/// A user or team the account does not have.
pub(crate) fn read(
    name: &str,
    form: &Pairs,
    account: &Snapshot,
) -> Result<Option<Destination>, Fault> {
    match form.text(name) {
        None => Ok(None),
        Some(HANG_UP) => Ok(Some(Destination::HangUp)),
        Some(USER) => {
            let word = form.text(&user_field(name)).ok_or(Fault::Empty)?;
            let user = referenced(word, account).ok_or(Fault::Unknown)?;
            Ok(Some(Destination::User(user)))
        }
        Some(team) => {
            let team: TeamId = team.parse().map_err(|_| Fault::Unknown)?;
            Ok(Some(Destination::Team(team)))
        }
    }
}
