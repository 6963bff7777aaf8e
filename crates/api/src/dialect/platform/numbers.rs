//! My numbers, and where they ring — <https://docs.smartflo.tatatelebusiness.com/reference/v1my_number>
//! (read 2026-11). The list is a bare array: a client filters it directly.
//!
//! Of the destination grammar `type||id` agents, their extensions, departments and hang-up exist
//! here; IVR, auto attendant, time conditions, dial plans and queues are refused by name.

use std::sync::Arc;

use directory::{Options, ResourceEdit};
use domain::change::Change;
use domain::fault::Fault;
use domain::permission::Permission;
use domain::refusal::Refusal;
use domain::resource::{Destination, Number, ResourceKind};
use domain::snapshot::Snapshot;
use domain::text::Name;
use serde_json::{Map, Value, json};

use super::{Asked, envelope, ids, serial};
use crate::dialect::field::Wrong;
use crate::reply::Reply;

pub(super) fn list(asked: &Asked<'_>) -> Result<Reply, Reply> {
    asked.require(Permission::ResourcesRead)?;
    let mut numbers: Vec<_> = asked.account.numbers.values().filter(|it| !it.deleted).collect();
    numbers.sort_by_key(|number| number.serial);
    let rows = numbers.iter().map(|number| row(number, &asked.account));
    Ok(Reply::ok(rows.collect::<Vec<Value>>().into()))
}

fn row(number: &Number, account: &Snapshot) -> Value {
    json!({
        "id": number.serial.to_string(),
        "did": number.number.e164(),
        "alias": number.number.digits(),
        "name": number.name,
        "description": number.description,
        "destination": number.destination.and_then(|it| destination(it, account)),
    })
}

pub(super) fn destination(destination: Destination, account: &Snapshot) -> Option<String> {
    Some(match destination {
        Destination::User(user) => {
            format!("agent||{}", ids::agent_id(account, account.user(user)?))
        }
        Destination::Team(team) => format!("department||{}", account.team(team)?.serial),
        Destination::HangUp => "hangup||1".to_owned(),
    })
}

/// What an update asks of a number.
#[derive(Default)]
struct Update {
    name: Change<Name>,
    description: Change<Box<str>>,
    destination: Change<Destination>,
}

pub(super) async fn update(asked: &Asked<'_>, id: &str) -> Result<Reply, Reply> {
    let fields = asked.body()?;
    let mut numbers = asked.account.numbers.values();
    let found = numbers.find(|number| Some(number.serial) == serial(id) && !number.deleted);
    let id = found.map(|number| number.id).ok_or_else(|| envelope::not_found("Number"))?;
    let update = read(&fields, &asked.account).map_err(|wrong| envelope::refused(&wrong))?;
    let edit: ResourceEdit = Arc::new(move |account| {
        let Some(number) = account.number(id) else { return Ok(None) };
        let mut number = (**number).clone();
        number.name = update.name.clone().over(number.name);
        number.description = update.description.clone().over(number.description);
        number.destination = update.destination.clone().over(number.destination);
        Ok::<_, Vec<Refusal>>(Some(number.into()))
    });
    let place = (ResourceKind::Number, id.0);
    let changed =
        asked.api.directory.change_resource(place, edit, &asked.caller, Options::default()).await;
    changed.map_err(|error| envelope::failed(error, "Number"))?;
    Ok(envelope::success("Number updated successfully"))
}

fn read(fields: &Map<String, Value>, account: &Snapshot) -> Result<Update, Vec<Wrong>> {
    let (mut update, mut wrong) = (Update::default(), Vec::new());
    let mut take = |key: &str, result: Result<(), Fault>| {
        if let Err(fault) = result {
            wrong.push(Wrong { key: key.to_owned(), fault });
        }
    };
    let text = |key: &str| {
        let value = fields.get(key)?;
        Some(if value.is_null() {
            Ok(String::new())
        } else {
            domain::read::text(value).map(Into::into)
        })
    };
    // Only the destination can be null.
    let given = |key: &str| text(key).filter(|_| fields.get(key).is_some_and(|it| !it.is_null()));
    if let Some(name) = given("name") {
        let parsed = name.and_then(|name| match name.as_str() {
            "" => Ok(None),
            name => Name::parse(name).map(Some),
        });
        take("name", parsed.map(|name| update.name = name.into()));
    }
    if let Some(description) = given("description") {
        let some = |it: String| if it.is_empty() { None } else { Some(it.into()) };
        take("description", description.map(|it| update.description = some(it).into()));
    }
    if let Some(text) = text("destination") {
        let parsed = text.and_then(|text| parse_destination(&text, account));
        take("destination", parsed.map(|it| update.destination = it.into()));
    }
    if wrong.is_empty() { Ok(update) } else { Err(wrong) }
}

/// `type||id`; empty is none.
pub(super) fn parse_destination(
    text: &str,
    account: &Snapshot,
) -> Result<Option<Destination>, Fault> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let grammar = Fault::Malformed {
        expected: "agent||id, agent_extension||id, department||id or hangup||1",
    };
    let (kind, id) = text.split_once("||").ok_or(grammar)?;
    match kind {
        "agent" | "agent_extension" => {
            let serial = ids::serial_of(id, account).ok_or(Fault::Unknown)?;
            let user = account.user_by_serial(serial).filter(|user| !user.is_deleted());
            user.map(|user| Some(Destination::User(user.id))).ok_or(Fault::Unknown)
        }
        "department" => {
            // Whatever kind the team is: a number that leads to a group is shown so too.
            let mut teams = account.teams.values().filter(|team| !team.deleted);
            let team = teams.find(|team| Some(team.serial) == serial(id));
            team.map(|team| Some(Destination::Team(team.id))).ok_or(Fault::Unknown)
        }
        "hangup" => Ok(Some(Destination::HangUp)),
        _ => Err(grammar),
    }
}
