//! Numbers whose calls the account refuses.

use std::sync::Arc;

use axum::extract::Path;
use domain::fault::Fault as ValueFault;
use domain::id::{BlockedNumberId, NumberId, Serial};
use domain::permission::Permission;
use domain::refusal::Refusal;
use domain::resource::{BlockedNumber, Resource, ResourceKind};

use crate::answer::Answer;
use crate::fault::Fault;
use crate::fields::{Choice, Control, Field};
use crate::form::Pairs;
use crate::resource_page::{EditPage, Kind, ListRow, refused};
use crate::session::{Posted, Signed};
use crate::words;

const KIND: Kind = Kind {
    resources: ResourceKind::BlockedNumber,
    list: "/blocked-numbers",
    word: "blocked number",
};
const ABOUT: &str = "Calls from these numbers are refused before any user is asked.";

pub(crate) async fn list(signed: Signed) -> Answer {
    signed.require(Permission::ResourcesRead)?;
    let blocked = signed.account.blocked_numbers.values().filter(|it| !it.deleted);
    let row = |it: &Arc<BlockedNumber>| ListRow {
        path: format!("/blocked-numbers/{}", it.id),
        name: it.number.to_string(),
        cells: vec![called(&signed, it), words::minute(it.created_at, signed.zone())],
    };
    let rows = blocked.map(row).collect();
    KIND.list_page(&signed, "Blocked numbers", ABOUT, (&["Number", "When calling", "Since"], rows))
}

fn called(signed: &Signed, blocked: &BlockedNumber) -> String {
    if blocked.numbers.is_empty() {
        return "Any number".to_owned();
    }
    let named = blocked.numbers.iter().filter_map(|id| signed.account.numbers.get(id));
    named.map(|it| it.number.to_string()).collect::<Vec<_>>().join(", ")
}

pub(crate) async fn show(signed: Signed, Path(id): Path<String>) -> Answer {
    signed.require(Permission::ResourcesRead)?;
    let blocked = found(&signed, &id)?;
    signed.page(&page(&signed, blocked.as_ref()))
}

pub(crate) async fn save(Path(id): Path<String>, Posted { signed, form }: Posted) -> Answer {
    let blocked = found(&signed, &id)?;
    let next = match written(&signed, blocked.as_ref(), &form) {
        Ok(next) => next,
        Err(refusal) => {
            return refused(&signed, page(&signed, blocked.as_ref()), &form, &[refusal]);
        }
    };
    let existing = blocked.clone().map(Resource::from);
    let put = KIND.put(&signed, existing.as_ref(), next.into(), &form).await;
    KIND.answered(&signed, put, &form, || page(&signed, blocked.as_ref()))
}

pub(crate) async fn delete(Path(id): Path<String>, posted: Posted) -> Answer {
    KIND.delete(&id, posted).await
}

/// `None` for a new one.
fn found(signed: &Signed, id: &str) -> Result<Option<BlockedNumber>, Fault> {
    if id == "new" {
        return Ok(None);
    }
    let id: BlockedNumberId = id.parse().map_err(|_| Fault::NotFound)?;
    let blocked = signed.account.blocked_numbers.get(&id).filter(|it| !it.deleted);
    blocked.map(|it| Some((**it).clone())).ok_or(Fault::NotFound)
}

fn page(signed: &Signed, blocked: Option<&BlockedNumber>) -> EditPage {
    let existing = blocked.cloned().map(Resource::from);
    let number = blocked.map(|it| it.number.to_string()).unwrap_or_default();
    let own = signed.account.numbers.values().filter(|it| !it.deleted);
    let chosen = |id: NumberId| blocked.is_some_and(|it| it.numbers.contains(&id));
    let options =
        own.map(|it| Choice::new(it.id.to_string(), it.number.to_string(), chosen(it.id)));
    let fields = vec![
        Field::text(
            "number",
            "Number",
            "Whose calls are refused, compared on its national digits.",
            &number,
        ),
        Field::new(
            "numbers",
            "Only when calling",
            "None chosen: calls to any number of the account.",
            Control::Many { options: options.collect() },
        ),
    ];
    KIND.edit_page(signed, existing.as_ref(), fields)
}

fn written(
    signed: &Signed,
    blocked: Option<&BlockedNumber>,
    form: &Pairs,
) -> Result<BlockedNumber, Refusal> {
    let number = form.text("number").ok_or(Refusal::of("number", ValueFault::Empty))?;
    let numbers = form.all("numbers").filter(|it| !it.is_empty()).map(str::parse);
    let numbers: Result<Vec<NumberId>, _> = numbers.collect();
    Ok(BlockedNumber {
        id: blocked.map_or(BlockedNumberId(uuid::Uuid::nil()), |it| it.id),
        serial: blocked.map_or(Serial::default(), |it| it.serial),
        account: signed.account.account.id,
        version: blocked.map_or(0, |it| it.version),
        number: number.into(),
        numbers: numbers.map_err(|_| Refusal::of("numbers", ValueFault::Unknown))?,
        created_at: blocked.map_or_else(|| signed.now(), |it| it.created_at),
        deleted: false,
    })
}
