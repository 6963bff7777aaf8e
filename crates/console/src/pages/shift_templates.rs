//! Shifts under a name, to be copied to users.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::StatusCode;
use domain::id::{Serial, ShiftTemplateId};
use domain::permission::Permission;
use domain::refusal::Refusal;
use domain::resource::{Resource, ResourceKind, ShiftTemplate};
use domain::shift::Shift;
use domain::text::Name;

use crate::answer::Answer;
use crate::fault::Fault;
use crate::fields::Field;
use crate::resource_page::{EditPage, Kind, ListRow, refused};
use crate::session::{Posted, Signed};
use crate::shift_form::{self, ShiftForm};

const KIND: Kind = Kind {
    resources: ResourceKind::ShiftTemplate,
    list: "/shift-templates",
    word: "shift template",
};
const ABOUT: &str = "Shifts to be copied to users; a later change of a template changes nobody.";

pub(crate) async fn list(signed: Signed) -> Answer {
    signed.require(Permission::ResourcesRead)?;
    let zone = signed.account.account.time_zone;
    let templates = signed.account.shift_templates.values().filter(|it| !it.deleted);
    let row = |it: &Arc<ShiftTemplate>| ListRow {
        path: format!("/shift-templates/{}", it.id),
        name: it.name.to_string(),
        cells: vec![it.shift.describe(zone)],
    };
    let rows = templates.map(row).collect();
    KIND.list_page(&signed, "Shift templates", ABOUT, (&["Name", "Hours"], rows))
}

pub(crate) async fn show(signed: Signed, Path(id): Path<String>) -> Answer {
    signed.require(Permission::ResourcesRead)?;
    let template = found(&signed, &id)?;
    signed.page(&page(&signed, template.as_ref()))
}

pub(crate) async fn save(Path(id): Path<String>, Posted { signed, form }: Posted) -> Answer {
    let template = found(&signed, &id)?;
    let shift = match shift_form::read(&form) {
        Ok(shift) => shift.unwrap_or_default(),
        Err(message) => {
            let page = EditPage { message: Some(message), ..page(&signed, template.as_ref()) };
            return signed.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let name = match Name::parse(form.text("name").unwrap_or_default()) {
        Ok(name) => name,
        Err(fault) => {
            let refusals = [Refusal::of("name", fault)];
            return refused(&signed, page(&signed, template.as_ref()), &form, &refusals);
        }
    };
    let next = written(&signed, template.as_ref(), (name, shift));
    let existing = template.clone().map(Resource::from);
    let put = KIND.put(&signed, existing.as_ref(), next.into(), &form).await;
    KIND.answered(&signed, put, &form, || page(&signed, template.as_ref()))
}

pub(crate) async fn delete(Path(id): Path<String>, posted: Posted) -> Answer {
    KIND.delete(&id, posted).await
}

/// `None` for a new one.
fn found(signed: &Signed, id: &str) -> Result<Option<ShiftTemplate>, Fault> {
    if id == "new" {
        return Ok(None);
    }
    let id: ShiftTemplateId = id.parse().map_err(|_| Fault::NotFound)?;
    let template = signed.account.shift_templates.get(&id).filter(|it| !it.deleted);
    template.map(|it| Some((**it).clone())).ok_or(Fault::NotFound)
}

fn page(signed: &Signed, template: Option<&ShiftTemplate>) -> EditPage {
    let existing = template.cloned().map(Resource::from);
    let name = template.map(|it| it.name.to_string()).unwrap_or_default();
    let fields = vec![Field::text("name", "Name", "What administrators call it.", &name)];
    let mut page = KIND.edit_page(signed, existing.as_ref(), fields);
    let never = Shift::default();
    let shift = template.map_or(&never, |it| &it.shift);
    let zone = signed.account.account.time_zone;
    page.shift = Some(ShiftForm::of(Some(shift), zone, signed.now()));
    page
}

fn written(
    signed: &Signed,
    template: Option<&ShiftTemplate>,
    (name, shift): (Name, Shift),
) -> ShiftTemplate {
    ShiftTemplate {
        id: template.map_or(ShiftTemplateId(uuid::Uuid::nil()), |it| it.id),
        serial: template.map_or(Serial::default(), |it| it.serial),
        account: signed.account.account.id,
        version: template.map_or(0, |it| it.version),
        name,
        shift,
        deleted: false,
    }
}
