//! Telephone numbers of the account, and where each rings.

use std::sync::Arc;

use axum::extract::Path;
use domain::id::{NumberId, Serial};
use domain::permission::Permission;
use domain::phone::PhoneNumber;
use domain::refusal::Refusal;
use domain::resource::{Number, Resource, ResourceKind};
use domain::text::Name;

use crate::answer::Answer;
use crate::destination;
use crate::fault::Fault;
use crate::fields::Field;
use crate::form::Pairs;
use crate::resource_page::{EditPage, Kind, ListRow, refused};
use crate::session::{Posted, Signed};

const KIND: Kind = Kind { resources: ResourceKind::Number, list: "/numbers", word: "number" };
const ABOUT: &str = "Numbers the account owns: where calls to them ring; users may show them.";

pub(crate) async fn list(signed: Signed) -> Answer {
    signed.require(Permission::ResourcesRead)?;
    let mut numbers: Vec<_> = signed.account.numbers.values().filter(|it| !it.deleted).collect();
    numbers.sort_by_key(|it| it.number.e164());
    let row = |number: &&Arc<Number>| ListRow {
        path: format!("/numbers/{}", number.id),
        name: number.number.to_string(),
        cells: vec![
            number.name.as_ref().map(ToString::to_string).unwrap_or_default(),
            destination::said(number.destination, &signed.account),
        ],
    };
    let rows = numbers.iter().map(row).collect();
    KIND.list_page(&signed, "Numbers", ABOUT, (&["Number", "Name", "Rings"], rows))
}

pub(crate) async fn show(signed: Signed, Path(id): Path<String>) -> Answer {
    signed.require(Permission::ResourcesRead)?;
    let number = found(&signed, &id)?;
    signed.page(&page(&signed, number.as_ref()))
}

pub(crate) async fn save(Path(id): Path<String>, Posted { signed, form }: Posted) -> Answer {
    let number = found(&signed, &id)?;
    let next = match written(&signed, number.as_ref(), &form) {
        Ok(next) => next,
        Err(refusal) => return refused(&signed, page(&signed, number.as_ref()), &form, &[refusal]),
    };
    let existing = number.clone().map(Resource::from);
    let put = KIND.put(&signed, existing.as_ref(), next.into(), &form).await;
    KIND.answered(&signed, put, &form, || page(&signed, number.as_ref()))
}

pub(crate) async fn delete(Path(id): Path<String>, posted: Posted) -> Answer {
    KIND.delete(&id, posted).await
}

/// `None` for a new one.
fn found(signed: &Signed, id: &str) -> Result<Option<Number>, Fault> {
    if id == "new" {
        return Ok(None);
    }
    let id: NumberId = id.parse().map_err(|_| Fault::NotFound)?;
    let number = signed.account.numbers.get(&id).filter(|it| !it.deleted);
    number.map(|it| Some((**it).clone())).ok_or(Fault::NotFound)
}

fn page(signed: &Signed, number: Option<&Number>) -> EditPage {
    let existing = number.cloned().map(Resource::from);
    KIND.edit_page(signed, existing.as_ref(), fields(signed, number))
}

fn fields(signed: &Signed, number: Option<&Number>) -> Vec<Field> {
    let mut fields = Vec::new();
    if number.is_none() {
        let about = "With its country code, or as dialled in the account's country.";
        fields.push(Field::text("number", "Number", about, ""));
    }
    let name = number.and_then(|it| it.name.as_ref()).map(ToString::to_string);
    let description = number.and_then(|it| it.description.clone());
    fields.push(Field::text("name", "Name", "For administrators.", &name.unwrap_or_default()));
    fields.push(Field::text(
        "description",
        "Description",
        "For administrators.",
        &description.unwrap_or_default(),
    ));
    let rings = number.and_then(|it| it.destination);
    let about = "Where calls to this number ring; nowhere refuses them.";
    fields.extend(destination::fields("destination", "Rings", about, rings, &signed.account));
    fields
}

fn written(signed: &Signed, number: Option<&Number>, form: &Pairs) -> Result<Number, Refusal> {
    let typed = form.text("number").unwrap_or_default();
    let digits = match number {
        Some(number) => number.number,
        None => PhoneNumber::parse(typed, signed.account.account.country)
            .map_err(|fault| Refusal::of("number", fault))?,
    };
    let name = form.text("name").map(Name::parse).transpose();
    let rings = destination::read("destination", form, &signed.account);
    Ok(Number {
        id: number.map_or(NumberId(uuid::Uuid::nil()), |it| it.id),
        serial: number.map_or(Serial::default(), |it| it.serial),
        account: signed.account.account.id,
        version: number.map_or(0, |it| it.version),
        number: digits,
        name: name.map_err(|fault| Refusal::of("name", fault))?,
        description: form.text("description").map(Into::into),
        destination: rings.map_err(|fault| Refusal::of("destination", fault))?,
        deleted: false,
    })
}
