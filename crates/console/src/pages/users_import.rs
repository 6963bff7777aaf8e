//! Users from a CSV file: what each row would do, then all of them applied in one transaction, then
//! undone if need be. The file is read as the command line reads it.

use askama::Template;
use directory::{Bulk, Error, NewUser, Options, UserChange, UserWork};
use domain::id::UserId;
use domain::permission::Permission;
use domain::refusal::Refusal;
use domain::setting::Setting;
use sheet::{Known, Names, Row as SheetRow, Sheet, Target, Work};

use super::users_bulk::{Row, done};
use crate::answer::Answer;
use crate::fault::{Fault, sentence};
use crate::flash::Flash;
use crate::imports::Import;
use crate::layout::Shell;
use crate::session::{Posted, Signed};
use crate::words::diff_lines;

/// Rows shown; the counts speak of all.
const SHOWN_MAX: usize = 500;
/// Rows with a password, each of which takes a core some 20 ms: nobody waits longer than for this.
const PASSWORDS_MAX: usize = 200;

#[derive(Template)]
#[template(path = "users_import.html")]
struct ImportPage {
    shell: Shell,
    rows_max: usize,
    step: Step,
}

enum Step {
    Ask { wrong: Option<String> },
    Preview { ticket: String, rows: Vec<Row>, more: usize, counts: Counts },
}

/// How many rows do what.
#[derive(Clone, Copy, Default)]
struct Counts {
    created: usize,
    changed: usize,
    same: usize,
    refused: usize,
}

/// A row on its way to the directory.
struct Planned {
    line: u64,
    /// Whom it speaks of, in its own words.
    who: String,
    work: Result<UserWork, String>,
}

pub(crate) async fn show(signed: Signed) -> Answer {
    signed.require(Permission::UsersWrite)?;
    ask(&signed, None)
}

/// Reads the file and shows what it would do.
pub(crate) async fn preview(Posted { signed, form }: Posted) -> Answer {
    signed.require(Permission::UsersWrite)?;
    let text = form.one("csv").unwrap_or_default();
    let sheet = match Sheet::read(text.as_bytes(), directory::BULK_MAX) {
        Ok(sheet) => sheet,
        Err(error) => return ask(&signed, Some(error.to_string())),
    };
    let works = matched(&sheet, &signed, form.text("clear_empty").is_some());
    let passwords = works.iter().filter(|it| it.row.text(Setting::Password).is_some()).count();
    if passwords > PASSWORDS_MAX {
        let wrong = format!(
            "More than {PASSWORDS_MAX} rows set a password. Send fewer at once, or use `rollcall \
             import`."
        );
        return ask(&signed, Some(wrong));
    }
    let mut planned = Vec::with_capacity(works.len());
    for work in works {
        planned.push(plan(&signed, work).await?);
    }
    let results = tried(&signed, &planned).await?;
    let import = import(&signed, &planned);
    let since = signed.console.directory.clock().now();
    let ticket = signed.console.imports.put(import, since);
    preview_page(&signed, ticket, (&planned, &results))
}

/// Applies what was looked at: all rows or none.
pub(crate) async fn apply(Posted { signed, form }: Posted) -> Answer {
    signed.require(Permission::UsersWrite)?;
    let directory = &signed.console.directory;
    let is_his = |it: &Import| (it.account, it.by) == (signed.account.account.id, signed.user.id);
    let ticket = form.text("ticket").unwrap_or_default();
    let found = signed.console.imports.take(ticket, is_his, directory.clock().now());
    let Some(import) = found else {
        let text = "Nothing was changed: this file was applied already, or waited too long. Send \
                    it again.";
        return Ok(signed.see_with("/users/import", &Flash::bad(text)));
    };
    let is_as_seen = |(user, version): &(UserId, u32)| {
        signed.account.user(*user).is_some_and(|user| user.version == *version)
    };
    if !import.seen.iter().all(is_as_seen) {
        let text = "Nothing was changed: somebody has changed one of these users meanwhile. Send \
                    the file again to see what it would do now.";
        return Ok(signed.see_with("/users/import", &Flash::bad(text)));
    }
    let options = Options::default();
    match directory.change_users(import.works, Bulk::Together, &signed.caller, options).await {
        Ok(changed) => {
            let made = changed.into_iter().flatten().collect();
            done(&signed, "Imported".to_owned(), made)
        }
        Err(error) => {
            let text = format!("Nothing was changed. {}", in_line(&error, &import.lines));
            Ok(signed.see_with("/users/import", &Flash::bad(text)))
        }
    }
}

fn ask(signed: &Signed, wrong: Option<String>) -> Answer {
    page(signed, "Import users", Step::Ask { wrong })
}

fn page(signed: &Signed, title: &str, step: Step) -> Answer {
    let shell = Shell::of(signed, title.to_owned());
    signed.page(&ImportPage { shell, rows_max: directory::BULK_MAX, step })
}

/// Every row with the user it is about.
fn matched(sheet: &Sheet, signed: &Signed, clear_empty: bool) -> Vec<Work> {
    let mut known = Known::default();
    for user in signed.account.users().filter(|user| !user.is_deleted()) {
        let login = user.sign_in.login.as_ref().map(domain::text::Login::as_str);
        let extension = user.telephone.extension.map(|it| it.to_string());
        known.add(user.id.to_string(), login, extension);
    }
    known.matched(sheet.rows(&Names::of(&signed.account), clear_empty))
}

/// What the directory is to be asked for a row. A password is hashed here, and its text forgotten.
async fn plan(signed: &Signed, work: Work) -> Result<Planned, Fault> {
    let Work { row, target } = work;
    let (line, who) = (row.line, named(&row));
    let work = match target {
        Target::Unclear(why) => Err(why),
        Target::New => match row.patch(signed.account.account.country) {
            Ok(patch) => {
                let directory = &signed.console.directory;
                Ok(UserWork::Create(NewUser {
                    patch: directory.seal_new(patch).await?,
                    id: UserId(directory.new_id()),
                    role: None,
                    phone_must_be_new: false,
                    assign_extension: false,
                }))
            }
            Err(refusals) => Err(listed(&refusals)),
        },
        Target::User(user) => {
            let user: UserId = user.parse().map_err(|_| Fault::NotFound)?;
            match row.patch(signed.account.account.country) {
                Ok(patch) => {
                    let directory = &signed.console.directory;
                    let patch = directory.seal_for(user, patch, &signed.caller).await?;
                    Ok(UserWork::Change { user, patch })
                }
                Err(refusals) => Err(listed(&refusals)),
            }
        }
    };
    Ok(Planned { line, who, work })
}

fn named(row: &SheetRow) -> String {
    let known = [Setting::Login, Setting::Extension, Setting::FirstName].map(|it| row.text(it));
    known.into_iter().flatten().next().unwrap_or_default().to_owned()
}

fn listed(refusals: &[Refusal]) -> String {
    refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What the directory would say to each row that reads.
async fn tried(
    signed: &Signed,
    planned: &[Planned],
) -> Result<Vec<Result<UserChange, Error>>, Fault> {
    let works = planned.iter().filter_map(|it| it.work.as_ref().ok().cloned()).collect();
    let options = Options { dry_run: true, ..Options::default() };
    let directory = &signed.console.directory;
    Ok(directory.change_users(works, Bulk::Each, &signed.caller, options).await?)
}

fn import(signed: &Signed, planned: &[Planned]) -> Import {
    let good = || planned.iter().filter_map(|it| Some((it.line, it.work.as_ref().ok()?)));
    let version = |user: &UserId| Some((*user, signed.account.user(*user)?.version));
    Import {
        account: signed.account.account.id,
        by: signed.user.id,
        works: good().map(|(_, work)| work.clone()).collect(),
        lines: good().map(|(line, _)| line).collect(),
        seen: good()
            .filter_map(|(_, work)| match work {
                UserWork::Change { user, .. } => version(user),
                _ => None,
            })
            .collect(),
    }
}

fn preview_page(
    signed: &Signed,
    ticket: String,
    (planned, results): (&[Planned], &[Result<UserChange, Error>]),
) -> Answer {
    let (mut counts, mut rows) = (Counts::default(), Vec::new());
    let mut results = results.iter();
    for row in planned {
        let shown = match &row.work {
            Err(why) => refused(row, why.clone()),
            Ok(_) => match results.next() {
                Some(Ok(change)) => accepted(signed, change),
                Some(Err(error)) => refused(row, sentence(error)),
                None => continue,
            },
        };
        match (&shown.refused, shown.lines.is_empty(), &shown.id) {
            (Some(_), _, _) => counts.refused += 1,
            (None, true, _) => counts.same += 1,
            (None, false, None) => counts.created += 1,
            (None, false, Some(_)) => counts.changed += 1,
        }
        if shown.refused.is_some() || !shown.lines.is_empty() {
            rows.push(shown);
        }
    }
    // What keeps the file from being applied comes first.
    rows.sort_by_key(|row| row.refused.is_none());
    let more = rows.len().saturating_sub(SHOWN_MAX);
    rows.truncate(SHOWN_MAX);
    page(signed, "What would change", Step::Preview { ticket, rows, more, counts })
}

fn refused(row: &Planned, why: String) -> Row {
    let name = format!("Line {} {}", row.line, row.who);
    Row { id: None, name, lines: Vec::new(), refused: Some(why) }
}

fn accepted(signed: &Signed, change: &UserChange) -> Row {
    let id = change.before.as_ref().map(|user| user.id.to_string());
    let new = if id.is_none() { " (new)" } else { "" };
    let name = format!("{}{new}", change.after.name());
    let lines = diff_lines(&change.diff, &signed.account, signed.zone());
    Row { id, name, lines, refused: None }
}

/// The directory counts rows; people count lines.
fn in_line(error: &Error, lines: &[u64]) -> String {
    match error {
        Error::InRow { row, error } => match lines.get(*row) {
            Some(line) => format!("Line {line}: {}", sentence(error)),
            None => sentence(error),
        },
        error => sentence(error),
    }
}
