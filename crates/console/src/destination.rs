//! Where a call is sent, as two fields: a choice, and the extension where the choice is a user.

use domain::fault::Fault;
use domain::id::TeamId;
use domain::resource::Destination;
use domain::snapshot::Snapshot;

use crate::fields::{Choice, Control, Field};
use crate::form::Pairs;
use crate::setting_fields::{reference, referenced};

const NOWHERE: &str = "";
const HANG_UP: &str = "hang_up";
const USER: &str = "user";

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
