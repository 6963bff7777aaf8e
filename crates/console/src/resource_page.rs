//! The two pages every kind of resource has: its list, and one of it as a form.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use directory::{Error, Options, ResourceChange, permission_for};
use domain::refusal::Refusal;
use domain::resource::{Resource, ResourceKind};
use uuid::Uuid;

use crate::answer::Answer;
use crate::fault::{Fault, sentence};
use crate::fields::Field;
use crate::flash::Flash;
use crate::form::Pairs;
use crate::layout::Shell;
use crate::pages::user::listed;
use crate::session::{Posted, Signed};
use crate::shift_form::ShiftForm;
use crate::words;

/// A list of resources.
#[derive(Template)]
#[template(path = "resources.html")]
pub(crate) struct ListPage {
    pub(crate) shell: Shell,
    pub(crate) about: &'static str,
    /// Where one is added, for whoever may.
    pub(crate) add: Option<String>,
    pub(crate) headings: &'static [&'static str],
    pub(crate) rows: Vec<ListRow>,
}

pub(crate) struct ListRow {
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) cells: Vec<String>,
}

/// One resource.
#[derive(Template)]
#[template(path = "resource.html")]
pub(crate) struct EditPage {
    pub(crate) shell: Shell,
    /// Where the list is, and where the form goes.
    pub(crate) list: &'static str,
    pub(crate) action: String,
    pub(crate) version: u32,
    pub(crate) is_new: bool,
    pub(crate) may_write: bool,
    pub(crate) may_delete: bool,
    pub(crate) fields: Vec<Field>,
    pub(crate) shift: Option<ShiftForm>,
    /// Whether a shift may be "always", as a team's hours may.
    pub(crate) may_be_always: bool,
    pub(crate) members: Option<Members>,
    pub(crate) message: Option<String>,
}

/// Users who belong to a team.
pub(crate) struct Members {
    pub(crate) rows: Vec<(String, String, String)>,
    pub(crate) more: usize,
}

/// A kind of resource with the pages of it.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) resources: ResourceKind,
    pub(crate) list: &'static str,
    pub(crate) word: &'static str,
}

impl Kind {
    pub(crate) fn may_write(&self, signed: &Signed) -> bool {
        signed.may(permission_for(self.resources))
    }

    /// The resource a path names.
    pub(crate) fn find(&self, signed: &Signed, id: &str) -> Result<Resource, Fault> {
        let id: Uuid = id.parse().map_err(|_| Fault::NotFound)?;
        let found = signed.account.resource(self.resources, id);
        found.filter(|it| !it.is_deleted()).ok_or(Fault::NotFound)
    }

    pub(crate) fn list_page(
        &self,
        signed: &Signed,
        title: &str,
        about: &'static str,
        (headings, rows): (&'static [&'static str], Vec<ListRow>),
    ) -> Answer {
        let add = self.may_write(signed).then(|| format!("{}/new", self.list));
        let shell = Shell::of(signed, title);
        signed.page(&ListPage { shell, about, add, headings, rows })
    }

    /// The form of one, or of a new one where there is none yet.
    pub(crate) fn edit_page(
        &self,
        signed: &Signed,
        existing: Option<&Resource>,
        fields: Vec<Field>,
    ) -> EditPage {
        let may_write = self.may_write(signed);
        let title = match existing {
            Some(resource) => resource.label(),
            None => format!("New {}", self.word),
        };
        let id = existing.map_or_else(|| "new".to_owned(), |it| it.id().to_string());
        EditPage {
            shell: Shell::of(signed, title),
            list: self.list,
            action: format!("{}/{id}", self.list),
            version: existing.map_or(0, Resource::version),
            is_new: existing.is_none(),
            may_write,
            may_delete: may_write && existing.is_some(),
            fields,
            shift: None,
            may_be_always: false,
            members: None,
            message: None,
        }
    }

    /// Creates or changes one, as the form at this version says.
    pub(crate) async fn put(
        &self,
        signed: &Signed,
        existing: Option<&Resource>,
        next: Resource,
        form: &Pairs,
    ) -> Result<ResourceChange, Error> {
        let directory = &signed.console.directory;
        let Some(existing) = existing else {
            return directory.create_resource(next, &signed.caller, Options::default()).await;
        };
        let expected_version = form.parsed("version");
        let options = Options { expected_version, ..Options::default() };
        let edit = std::sync::Arc::new(move |_: &_| Ok(Some(next.clone())));
        directory
            .change_resource((self.resources, existing.id()), edit, &signed.caller, options)
            .await
    }

    /// The answer to a form: on to the list, or the form again with what was wrong.
    pub(crate) fn answered(
        &self,
        signed: &Signed,
        put: Result<ResourceChange, Error>,
        form: &Pairs,
        page: impl FnOnce() -> EditPage,
    ) -> Answer {
        match put {
            Ok(change) => Ok(signed.see_with(self.list, &saved(signed, &change))),
            Err(Error::Refused(refusals)) => refused(signed, page(), form, &refusals),
            Err(error @ Error::Stale { .. }) => {
                let mut page = page();
                page.message = Some(format!("{} Reload the page.", sentence(&error)));
                signed.page_with(StatusCode::CONFLICT, &page)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn delete(&self, id: &str, Posted { signed, .. }: Posted) -> Answer {
        let existing = self.find(&signed, id)?;
        let directory = &signed.console.directory;
        let options = Options::default();
        let whom = (self.resources, existing.id());
        let flash = match directory.delete_resource(whom, &signed.caller, options).await {
            Ok(_) => Flash::good(format!("{} was deleted.", existing.label())),
            Err(Error::Refused(refusals)) => Flash::bad(listed(&refusals)),
            Err(error) => return Err(error.into()),
        };
        Ok::<Response, _>(signed.see_with(self.list, &flash))
    }
}

/// The form as it was sent, with what was wrong at each field, or above where it has none.
pub(crate) fn refused(
    signed: &Signed,
    mut page: EditPage,
    form: &Pairs,
    refusals: &[Refusal],
) -> Answer {
    for field in &mut page.fields {
        let wrong = refusals.iter().find(|it| it.name() == field.name);
        field.error = wrong.map(|it| it.fault.to_string());
        field.control = field.control.clone().filled(&field.name, form);
    }
    page.message = Some(listed(refusals));
    signed.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

fn saved(signed: &Signed, change: &ResourceChange) -> Flash {
    let label = change.after.label();
    if change.before.is_none() {
        return Flash::good(format!("{label} was added."));
    }
    if change.diff.is_empty() {
        return Flash::good("Nothing was changed.");
    }
    let lines = words::diff_lines(&change.diff, &signed.account, signed.zone());
    let lines = lines.iter().map(|it| format!("{}: {} → {}", it.label, it.before, it.after));
    Flash::good(format!("{label} was saved. {}.", lines.collect::<Vec<_>>().join("; ")))
}
