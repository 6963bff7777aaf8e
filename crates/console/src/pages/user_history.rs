//! A user's history: a time line of diffs, each version of which can be restored.

use askama::Template;
use axum::extract::Path;
use directory::{ChangeRow, Error, Options, read_diff};
use domain::permission::Permission;

use crate::answer::Answer;
use crate::fault::sentence;
use crate::flash::Flash;
use crate::layout::Shell;
use crate::pages::user::saved;
use crate::session::{Posted, Signed};
use crate::user_head::UserHead;
use crate::words::{self, DiffLine, diff_lines};

/// Versions of a page.
const ROWS: u32 = 50;

#[derive(Template)]
#[template(path = "user_history.html")]
struct HistoryPage {
    shell: Shell,
    head: UserHead,
    versions: Vec<Version>,
    may_restore: bool,
    /// The version the next page begins below.
    below: Option<u32>,
}

struct Version {
    number: u32,
    is_current: bool,
    at: String,
    who: String,
    dialect: String,
    address: String,
    lines: Vec<DiffLine>,
}

pub(crate) async fn show(signed: Signed, Path(id): Path<String>) -> Answer {
    let user = signed.read_user(&id)?;
    let below = signed.query.parsed("below");
    let directory = &signed.console.directory;
    let rows = directory.history(user.id.0, below, ROWS, &signed.caller).await?;
    let last = rows.last().map(|row| row.version).filter(|version| *version > 1);
    let page = HistoryPage {
        shell: Shell::of(&signed, format!("History of {}", user.name())),
        head: UserHead::of(&signed, &user),
        below: last.filter(|_| rows.len() == usize::try_from(ROWS).unwrap_or(0)),
        versions: rows.iter().map(|row| version(&signed, row, user.version)).collect(),
        may_restore: signed.may(Permission::UsersWrite),
    };
    signed.page(&page)
}

pub(crate) async fn restore(Path(id): Path<String>, Posted { signed, form }: Posted) -> Answer {
    let user = signed.read_user(&id)?;
    let version = form.parsed("version").unwrap_or(0);
    let directory = &signed.console.directory;
    let options = Options::default();
    let flash = match directory.restore_user(user.id, version, &signed.caller, options).await {
        Ok(change) => saved(&signed, &change),
        Err(error @ Error::Refused(_)) => Flash::bad(sentence(&error)),
        Err(error) => return Err(error.into()),
    };
    Ok(signed.see_with(&format!("/users/{id}/history"), &flash))
}

fn version(signed: &Signed, row: &ChangeRow, current: u32) -> Version {
    let diff = read_diff(row).unwrap_or_default();
    Version {
        number: row.version,
        is_current: row.version == current,
        at: words::clock(words::at(row), signed.zone()),
        who: words::caller(row),
        dialect: words::dialect(&row.dialect),
        address: row.address.clone().unwrap_or_default(),
        lines: diff_lines(&diff, &signed.account, signed.zone()),
    }
}
