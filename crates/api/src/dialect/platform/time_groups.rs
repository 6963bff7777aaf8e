//! Time groups: shifts under a name — <https://docs.smartflo.tatatelebusiness.com/reference/v1timegroup>
//! (read 2026-11). Rows pair `from_time[i]` with `to_time[i]`, on the weekdays of `days[]`; single
//! `dates[]` and `months[]` have no setting here and are refused by name.

use directory::Options;
use domain::fault::Fault;
use domain::id::{AccountId, Serial, ShiftTemplateId};
use domain::permission::Permission;
use domain::resource::{ResourceKind, ShiftTemplate};
use domain::shift::{Hours, Shift, ShiftRow, TimeOfDay, Weekdays};
use domain::text::Name;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Asked, envelope, serial, text_list, texts};
use crate::dialect::field::Wrong;
use crate::reply::Reply;

pub(super) fn list(asked: &Asked<'_>) -> Result<Reply, Reply> {
    asked.require(Permission::ResourcesRead)?;
    let mut groups: Vec<_> =
        asked.account.shift_templates.values().filter(|it| !it.deleted).collect();
    groups.sort_by_key(|group| group.serial);
    let zone = asked.account.account.time_zone;
    let rows = groups.iter().map(|group| {
        json!({
            "id": group.serial,
            "name": group.name,
            "description": group.shift.describe(zone),
            "rows": json!(group.shift).get("rows"),
        })
    });
    Ok(Reply::ok(rows.collect::<Vec<Value>>().into()))
}

pub(super) async fn create(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let fields = asked.body()?;
    let (name, shift) = read(&fields).map_err(|wrong| envelope::refused(&wrong))?;
    let template = ShiftTemplate {
        id: ShiftTemplateId(Uuid::nil()),
        serial: Serial::default(),
        account: AccountId(Uuid::nil()),
        version: 1,
        name,
        shift,
        deleted: false,
    };
    let created = asked
        .api
        .directory
        .create_resource(template.into(), &asked.caller, Options::default())
        .await
        .map_err(|error| envelope::failed(error, "Time group"))?;
    let data = json!({ "id": created.after.serial() });
    Ok(envelope::success_with("Time group created successfully", data))
}

fn read(fields: &Map<String, Value>) -> Result<(Name, Shift), Vec<Wrong>> {
    let mut wrong = Vec::new();
    let mut refuse = |key: &str, fault| wrong.push(Wrong { key: key.to_owned(), fault });
    let name = texts(fields, "name").first().map_or(Err(Fault::Empty), |name| Name::parse(name));
    let shift = shift(fields);
    for key in ["dates", "months"] {
        if texts(fields, key).iter().any(|value| !value.is_empty()) {
            refuse(key, Fault::Malformed { expected: "empty: only weekdays are supported" });
        }
    }
    if let Err(fault) = name {
        refuse("name", fault);
    }
    if let Err((key, fault)) = shift {
        refuse(key, fault);
    }
    match (name, shift) {
        (Ok(name), Ok(shift)) if wrong.is_empty() => Ok((name, shift)),
        (_, _) => Err(wrong),
    }
}

fn shift(fields: &Map<String, Value>) -> Result<Shift, (&'static str, Fault)> {
    let (from, to) = (texts(fields, "from_time"), texts(fields, "to_time"));
    if from.is_empty() {
        return Err(("from_time", Fault::Empty));
    }
    if from.len() != to.len() {
        return Err(("to_time", Fault::Conflict { with: "from_time" }));
    }
    let names = text_list(fields, "days").map_err(|fault| ("days", fault))?;
    let days = days(&names.unwrap_or_default()).map_err(|fault| ("days", fault))?;
    let mut rows = Vec::with_capacity(from.len());
    for (from, to) in from.iter().zip(&to) {
        let from = TimeOfDay::parse(from).map_err(|fault| ("from_time", fault))?;
        let to = TimeOfDay::parse(to).map_err(|fault| ("to_time", fault))?;
        let hours = Hours::new(from, to).map_err(|fault| ("to_time", fault))?;
        rows.push(ShiftRow::new(days, hours).map_err(|fault| ("days", fault))?);
    }
    Shift::new(rows, Vec::new()).map_err(|fault| ("from_time", fault))
}

/// Names, at least their first three letters, or numbers; none at all is every day.
fn days(names: &[String]) -> Result<Weekdays, Fault> {
    use jiff::civil::Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    if names.is_empty() {
        return Ok(Weekdays::ALL);
    }
    let known = [
        ("monday", "1", Monday),
        ("tuesday", "2", Tuesday),
        ("wednesday", "3", Wednesday),
        ("thursday", "4", Thursday),
        ("friday", "5", Friday),
        ("saturday", "6", Saturday),
        ("sunday", "7", Sunday),
    ];
    let words = names.iter().flat_map(|name| name.split(','));
    words.map(|word| word.trim().to_lowercase()).try_fold(Weekdays::default(), |days, word| {
        let found = known.iter().find(|(name, number, _)| {
            *number == word
                || (word.len() >= 3 && name.starts_with(&word))
                || (*number == "7" && word == "0")
        });
        found.map(|(_, _, day)| days.with(*day)).ok_or(Fault::Malformed { expected: "weekdays" })
    })
}

pub(super) async fn delete(asked: &Asked<'_>, id: &str) -> Result<Reply, Reply> {
    let mut groups = asked.account.shift_templates.values();
    let found = groups.find(|group| Some(group.serial) == serial(id) && !group.deleted);
    let group = found.ok_or_else(|| envelope::not_found("Time group"))?;
    let place = (ResourceKind::ShiftTemplate, group.id.0);
    let deleted =
        asked.api.directory.delete_resource(place, &asked.caller, Options::default()).await;
    deleted.map_err(|error| envelope::failed(error, "Time group"))?;
    Ok(envelope::success("Time group deleted successfully"))
}
