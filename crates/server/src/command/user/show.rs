//! `rollcall user show`: one user, every setting.

use clap::Args;
use domain::setting::Setting;
use serde_json::Value;
use sheet::{Names, cell};

use super::changed::{called, shown};
use super::named::Named;
use crate::door::{Ask, Door};
use crate::output::{Failure, say};
use crate::place::Place;
use crate::references;
use crate::table::{moment, table};

const IDENTIFIERS: &[&str] = &["id", "serial", "version", "created_at", "updated_at", "deleted_at"];

/// Stands for a secret there is.
const SET: &str = "(set)";

#[derive(Args, Debug)]
pub(crate) struct Show {
    #[command(flatten)]
    user: Named,
    /// Settings without a value too, and what each does.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    place: Place,
    /// Print the user as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(show: &Show) -> Result<(), Failure> {
    let (user, references) = Door::with(&show.place, async |door| read(show, door).await).await?;
    if show.json {
        say(&user);
        return Ok(());
    }
    say(called(&user));
    if show.all {
        say(table(&["setting", "value", "what it does"], &rows(&user, &references, true)));
    } else {
        say(table(&["setting", "value"], &rows(&user, &references, false)));
    }
    Ok(())
}

async fn read(show: &Show, door: &Door) -> Result<(Value, Names), Failure> {
    let ask = Ask::get(show.user.path(door).await?).or_missing(show.user.missing());
    let user = door.ask(ask).await?;
    // Without the right to read groups and the like the user is shown with their ids.
    let names = references::names(door, Setting::ALL.iter().copied()).await;
    Ok((user, names.unwrap_or_default()))
}

/// Moments to the second.
fn identifier(name: &str, value: &Value) -> String {
    let shown = shown(value);
    if name.ends_with("_at") { moment(&shown) } else { shown }
}

fn rows(user: &Value, references: &Names, all: bool) -> Vec<Vec<String>> {
    let value = |name: &str| user.get(name).unwrap_or(&Value::Null).clone();
    let identifiers = IDENTIFIERS.iter().filter(|name| !value(name).is_null()).map(|name| {
        let row = vec![(*name).to_owned(), identifier(name, &value(name))];
        row.into_iter().chain(all.then(String::new)).collect()
    });
    let settings = Setting::ALL.iter().filter_map(|setting| {
        let text = match value(setting.name()) {
            Value::Bool(set) if setting.is_secret() => {
                if set {
                    SET.to_owned()
                } else {
                    String::new()
                }
            }
            value => cell::write(*setting, &value, references),
        };
        if text.is_empty() && !all {
            return None;
        }
        let row = vec![setting.name().to_owned(), text];
        Some(row.into_iter().chain(all.then(|| setting.about().to_owned())).collect())
    });
    identifiers.chain(settings).collect()
}
