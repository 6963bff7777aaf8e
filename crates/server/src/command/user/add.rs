//! `rollcall user add`: a new user.

use clap::Args;
use directory::random_word;
use serde_json::Value;

use super::changed::called;
use super::settings::Settings;
use crate::door::{Ask, Door};
use crate::output::{Failure, say};
use crate::place::Place;

/// Characters of a password made up for a user, five bits each.
const PASSWORD_CHARACTERS: usize = 16;
const PASSWORDS: [&str; 2] = ["password", "sip_password"];

#[derive(Args, Debug)]
pub(crate) struct Add {
    #[command(flatten)]
    settings: Settings,
    /// Give the next free extension where none is named.
    #[arg(long)]
    assign_extension: bool,
    /// Make up a web and a SIP password where none is named, and print them this once.
    #[arg(long)]
    make_passwords: bool,
    /// Only say what would be created.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    place: Place,
    /// Print the answer as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(add: &Add) -> Result<(), Failure> {
    if add.settings.is_empty() {
        return Err(Failure::usage("a user needs at least one setting")
            .hint("for example: rollcall user add name='Asha Rao' login=asha extension=104"));
    }
    let (answer, passwords) = Door::with(&add.place, async |door| create(add, door).await).await?;
    tell(add, answer, &passwords);
    Ok(())
}

async fn create(add: &Add, door: &Door) -> Result<(Value, Vec<(&'static str, String)>), Failure> {
    let mut user = add.settings.read(door).await?;
    let mut passwords = Vec::new();
    for key in PASSWORDS.into_iter().filter(|_| add.make_passwords) {
        if !user.contains_key(key) {
            let password = random_word(PASSWORD_CHARACTERS);
            user.insert(key.to_owned(), password.clone().into());
            passwords.push((key, password));
        }
    }
    let ask = Ask::post("/users", user.into())
        .with_flag("assign_extension", add.assign_extension)
        .with_flag("dry_run", add.dry_run);
    Ok((door.ask(ask).await?, passwords))
}

fn tell(add: &Add, mut answer: Value, passwords: &[(&'static str, String)]) {
    if add.json {
        if let Some(answer) = answer.as_object_mut().filter(|_| !passwords.is_empty()) {
            let shown = passwords.iter().map(|(key, it)| ((*key).to_owned(), it.clone().into()));
            answer.insert("passwords".to_owned(), Value::Object(shown.collect()));
        }
        return say(answer);
    }
    let user = answer.get("data").unwrap_or(&Value::Null);
    if add.dry_run {
        return say(format!("{}: would be created; nothing was (--dry-run)", called(user)));
    }
    let id = user.get("id").and_then(Value::as_str).unwrap_or_default();
    let serial = user.get("serial").and_then(Value::as_u64).unwrap_or_default();
    say(format!("{}: created, serial {serial}, id {id}", called(user)));
    for (key, password) in passwords {
        say(format!("{key} {password} (shown this once)"));
    }
}
