//! Many users changed at once: the value asked for, then the diff of every user, then applied in
//! one transaction, then undone if need be.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use directory::{Bulk, Error, Options, UserChange};
use domain::id::UserId;
use domain::permission::Permission;
use domain::setting::Setting;
use domain::user::User;

use crate::answer::Answer;
use crate::bulk_edit::{SETTINGS, work};
use crate::fault::{Fault, sentence};
use crate::fields::{Control, Field};
use crate::flash::Flash;
use crate::form::Pairs;
use crate::layout::Shell;
use crate::pages::users::Filter;
use crate::session::{Posted, Signed};
use crate::setting_fields::field;
use crate::words::{DiffLine, diff_lines, ended, label};

#[derive(Template)]
#[template(path = "users_bulk.html")]
struct BulkPage {
    shell: Shell,
    label: String,
    step: Step,
    /// What the next step is sent again.
    carried: Vec<(String, String)>,
}

enum Step {
    /// The value is asked for.
    Ask {
        field: Field,
        count: usize,
        is_set: bool,
    },
    /// What each user would become.
    Preview {
        rows: Vec<Row>,
        changes: usize,
        refused: usize,
    },
    Done {
        rows: Vec<Row>,
        undo: Vec<String>,
        ended: String,
    },
}

/// A user and what becomes of him.
pub(super) struct Row {
    /// `None`: he is not there yet.
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) lines: Vec<DiffLine>,
    pub(super) refused: Option<String>,
}

/// Asks for the value, or shows what it would do where the form has one.
pub(crate) async fn prepare(Posted { signed, form }: Posted) -> Answer {
    signed.require(Permission::UsersWrite)?;
    let setting = setting(&form)?;
    let users = chosen(&signed, &form);
    if users.is_empty() {
        let flash = Flash::bad("No user was chosen.");
        return Ok(signed.see_with("/users", &flash));
    }
    if !form.has(setting.name()) {
        return ask(&signed, setting, &users);
    }
    preview(&signed, &form, setting, &users).await
}

/// Applies what was looked at.
pub(crate) async fn apply(Posted { signed, form }: Posted) -> Answer {
    signed.require(Permission::UsersWrite)?;
    let setting = setting(&form)?;
    let form = Arc::new(form);
    let seen = form.all("seen").filter_map(seen);
    let rows: Vec<_> =
        seen.map(|(user, version)| work(user, Some(version), setting, &form)).collect();
    let directory = &signed.console.directory;
    let options = Options::default();
    let changed = directory.change_users(rows, Bulk::Together, &signed.caller, options).await;
    match changed {
        Ok(changed) => {
            done(&signed, label(setting.name()), changed.into_iter().flatten().collect())
        }
        Err(error) => {
            let text = format!("Nothing was changed. {}", sentence(&error));
            Ok(signed.see_with("/users", &Flash::bad(text)))
        }
    }
}

/// Makes every user what he was before, unless somebody has changed him since.
pub(crate) async fn undo(Posted { signed, form }: Posted) -> Answer {
    signed.require(Permission::UsersWrite)?;
    let rows: Vec<(UserId, u32)> = form.all("undo").filter_map(seen).collect();
    let is_untouched = |(user, after): &(UserId, u32)| {
        signed.account.user(*user).is_some_and(|user| user.version == *after)
    };
    if !rows.iter().all(is_untouched) {
        let text = "Nothing was undone: somebody has changed one of these users since. Each can be \
                    restored from his history.";
        return Ok(signed.see_with("/users", &Flash::bad(text)));
    }
    let count = rows.len();
    let earlier = rows.into_iter().map(|(user, after)| (user, after.saturating_sub(1)));
    let options = Options::default();
    let directory = &signed.console.directory;
    let undone = directory.restore_users(earlier.collect(), &signed.caller, options).await;
    let flash = match undone {
        Ok(_) => Flash::good(format!("Undone: {count} users are as they were.")),
        Err(error) => Flash::bad(format!("Nothing was undone. {}", sentence(&error))),
    };
    Ok(signed.see_with("/users", &flash))
}

fn setting(form: &Pairs) -> Result<Setting, Fault> {
    let setting = form.text("setting").and_then(Setting::parse);
    setting.filter(|it| SETTINGS.contains(it)).ok_or(Fault::NotFound)
}

/// "id:version".
fn seen(word: &str) -> Option<(UserId, u32)> {
    let (user, version) = word.split_once(':')?;
    Some((user.parse().ok()?, version.parse().ok()?))
}

/// The users ticked, or everyone the filters found.
fn chosen(signed: &Signed, form: &Pairs) -> Vec<Arc<User>> {
    if form.text("everyone").is_none() {
        let ids = form.all("user").filter_map(|id| id.parse().ok());
        return ids.filter_map(|id| signed.account.user(id).cloned()).collect();
    }
    let filters = Pairs::parse(form.one("filters").unwrap_or_default().as_bytes());
    let filter = Filter::read(&filters);
    let found = signed.account.users().filter(|user| filter.finds(user));
    found.take(directory::BULK_MAX).cloned().collect()
}

fn ask(signed: &Signed, setting: Setting, users: &[Arc<User>]) -> Answer {
    let Some(first) = users.first() else { return Err(Fault::NotFound) };
    let field = field(setting, first, &signed.account);
    let is_set = matches!(field.control, Control::Many { .. });
    let step = Step::Ask { field, count: users.len(), is_set };
    let ids = users.iter().map(|user| ("user".to_owned(), user.id.to_string()));
    let carried = std::iter::once(("setting".to_owned(), setting.name().to_owned())).chain(ids);
    page(signed, StatusCode::OK, label(setting.name()), (step, carried.collect()))
}

async fn preview(signed: &Signed, form: &Pairs, setting: Setting, users: &[Arc<User>]) -> Answer {
    let shared = Arc::new(form.clone());
    let rows = users.iter().map(|user| work(user.id, None, setting, &shared)).collect();
    let options = Options { dry_run: true, ..Options::default() };
    let directory = &signed.console.directory;
    let results = directory.change_users(rows, Bulk::Each, &signed.caller, options).await?;
    let rows: Vec<_> =
        users.iter().zip(&results).map(|(user, result)| row(signed, user, result)).collect();
    let refused = rows.iter().filter(|row| row.refused.is_some()).count();
    let changes = rows.iter().filter(|row| !row.lines.is_empty()).count();
    let carried = form
        .iter()
        .filter(|(name, _)| *name == "setting" || *name == "mode" || *name == setting.name())
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let seen = users.iter().map(|it| ("seen".to_owned(), format!("{}:{}", it.id, it.version)));
    let carried = carried.chain(seen).collect();
    let step = Step::Preview { rows, changes, refused };
    page(signed, StatusCode::OK, label(setting.name()), (step, carried))
}

fn row(signed: &Signed, user: &User, result: &Result<UserChange, Error>) -> Row {
    let (lines, refused) = match result {
        Ok(change) => (diff_lines(&change.diff, &signed.account, signed.zone()), None),
        Err(error) => (Vec::new(), Some(sentence(error))),
    };
    Row { id: Some(user.id.to_string()), name: user.name(), lines, refused }
}

/// What was changed, and the way back.
pub(super) fn done(signed: &Signed, label: String, changes: Vec<UserChange>) -> Answer {
    let made: Vec<_> = changes.into_iter().filter(UserChange::is_change).collect();
    let total = made.iter().fold(domain::policy::endings::Ended::default(), |mut all, change| {
        all.registrations += change.ended.registrations;
        all.calls += change.ended.calls;
        all.sessions += change.ended.sessions;
        all
    });
    let rows = made.iter().map(|change| Row {
        id: Some(change.after.id.to_string()),
        name: change.after.name(),
        lines: diff_lines(&change.diff, &signed.account, signed.zone()),
        refused: None,
    });
    let undo = made.iter().map(|it| format!("{}:{}", it.after.id, it.after.version)).collect();
    let step = Step::Done { rows: rows.collect(), undo, ended: ended(total) };
    page(signed, StatusCode::OK, label, (step, Vec::new()))
}

fn page(
    signed: &Signed,
    status: StatusCode,
    label: String,
    (step, carried): (Step, Vec<(String, String)>),
) -> Answer {
    let title = match &step {
        Step::Ask { count: 1, .. } => "Change one user".to_owned(),
        Step::Ask { count, .. } => format!("Change {count} users"),
        Step::Preview { .. } => "What would change".to_owned(),
        Step::Done { .. } => "Changed".to_owned(),
    };
    let shell = Shell::of(signed, title);
    let page = BulkPage { shell, label, step, carried };
    signed.page_with(status, &page)
}
