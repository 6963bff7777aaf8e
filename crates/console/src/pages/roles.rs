//! Roles, as a table of who may do what, and one role.

use askama::Template;
use axum::extract::Path;
use domain::fault::Fault as ValueFault;
use domain::id::{RoleId, Serial};
use domain::permission::{Permission, Permissions, Role};
use domain::refusal::Refusal;
use domain::resource::{Resource, ResourceKind};
use domain::text::Name;
use domain::user::SecondFactor;

use crate::answer::Answer;
use crate::fault::Fault;
use crate::fields::{Choice, Control, Field};
use crate::form::Pairs;
use crate::layout::Shell;
use crate::resource_page::{EditPage, Kind, refused};
use crate::session::{Posted, Signed};

const KIND: Kind = Kind { resources: ResourceKind::Role, list: "/roles", word: "role" };

#[derive(Template)]
#[template(path = "roles.html")]
struct RolesPage {
    shell: Shell,
    may_write: bool,
    roles: Vec<(String, String)>,
    rows: Vec<Row>,
}

struct Row {
    word: &'static str,
    about: &'static str,
    allowed: Vec<bool>,
}

pub(crate) async fn list(signed: Signed) -> Answer {
    signed.require(Permission::ResourcesRead)?;
    let mut roles: Vec<_> = signed.account.roles.values().filter(|it| !it.deleted).collect();
    roles.sort_by_key(|it| it.serial);
    let row = |permission: &Permission| Row {
        word: permission.word(),
        about: permission.about(),
        allowed: roles.iter().map(|it| it.permissions.allows(*permission)).collect(),
    };
    let page = RolesPage {
        shell: Shell::of(&signed, "Roles"),
        may_write: KIND.may_write(&signed),
        rows: Permission::ALL.iter().map(row).collect(),
        roles: roles.iter().map(|it| (it.id.to_string(), it.name.to_string())).collect(),
    };
    signed.page(&page)
}

pub(crate) async fn show(signed: Signed, Path(id): Path<String>) -> Answer {
    signed.require(Permission::ResourcesRead)?;
    let role = found(&signed, &id)?;
    signed.page(&page(&signed, role.as_ref()))
}

pub(crate) async fn save(Path(id): Path<String>, Posted { signed, form }: Posted) -> Answer {
    let role = found(&signed, &id)?;
    let next = match written(&signed, role.as_ref(), &form) {
        Ok(next) => next,
        Err(refusal) => return refused(&signed, page(&signed, role.as_ref()), &form, &[refusal]),
    };
    let existing = role.clone().map(Resource::from);
    let put = KIND.put(&signed, existing.as_ref(), next.into(), &form).await;
    KIND.answered(&signed, put, &form, || page(&signed, role.as_ref()))
}

pub(crate) async fn delete(Path(id): Path<String>, posted: Posted) -> Answer {
    KIND.delete(&id, posted).await
}

/// `None` for a new one.
fn found(signed: &Signed, id: &str) -> Result<Option<Role>, Fault> {
    if id == "new" {
        return Ok(None);
    }
    let id: RoleId = id.parse().map_err(|_| Fault::NotFound)?;
    let role = signed.account.roles.get(&id).filter(|it| !it.deleted);
    role.map(|it| Some((**it).clone())).ok_or(Fault::NotFound)
}

fn page(signed: &Signed, role: Option<&Role>) -> EditPage {
    let existing = role.cloned().map(Resource::from);
    let name = role.map(|it| it.name.to_string()).unwrap_or_default();
    let held = role.map(|it| it.permissions).unwrap_or_default();
    let permission = |it: &Permission| {
        Choice::new(it.word(), format!("{}: {}", it.word(), it.about()), held.allows(*it))
    };
    let factor = role.and_then(|it| it.two_factor);
    let factors =
        FACTORS.iter().map(|(value, label, which)| Choice::new(*value, *label, *which == factor));
    let fields = vec![
        Field::text("name", "Name", "Shown where a role is chosen.", &name),
        Field::new(
            "permissions",
            "May",
            "Nobody gives more than he holds himself.",
            Control::Many { options: Permission::ALL.iter().map(permission).collect() },
        ),
        Field::choice(
            "two_factor",
            "Second factor",
            "Asked of users of this role who have not chosen their own.",
            factors.collect(),
        ),
    ];
    let mut page = KIND.edit_page(signed, existing.as_ref(), fields);
    page.may_delete = page.may_delete && role.is_some_and(|it| it.built_in.is_none());
    page
}

const FACTORS: &[(&str, &str, Option<SecondFactor>)] = &[
    ("", "As the account asks", None),
    ("off", "None", Some(SecondFactor::Off)),
    ("email", "Code by e-mail", Some(SecondFactor::Email)),
    ("totp", "Authenticator app", Some(SecondFactor::Totp)),
];

fn written(signed: &Signed, role: Option<&Role>, form: &Pairs) -> Result<Role, Refusal> {
    let name = Name::parse(form.text("name").unwrap_or_default())
        .map_err(|fault| Refusal::of("name", fault))?;
    let asked = |it: &Permission| form.all("permissions").any(|word| word == it.word());
    let permissions: Permissions = Permission::ALL.iter().copied().filter(asked).collect();
    let factor = form.text("two_factor").unwrap_or_default();
    let factor = FACTORS.iter().find(|(word, _, _)| *word == factor);
    let (_, _, two_factor) = factor.ok_or(Refusal::of("two_factor", ValueFault::Unknown))?;
    Ok(Role {
        id: role.map_or(RoleId(uuid::Uuid::nil()), |it| it.id),
        serial: role.map_or(Serial::default(), |it| it.serial),
        account: signed.account.account.id,
        version: role.map_or(0, |it| it.version),
        name,
        permissions,
        built_in: role.and_then(|it| it.built_in),
        two_factor: *two_factor,
        deleted: false,
    })
}
