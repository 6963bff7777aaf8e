//! Many users created or changed by one request, together or each on its own.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Response, StatusCode};
use directory::{BULK_MAX, Bulk, NewUser, UserChange, UserWork};
use domain::id::UserId;
use domain::snapshot::Snapshot;
use domain::user::User;
use serde_json::{Map, Value};

use super::answer::{Object, json, list};
use super::asked::Asked;
use super::problem::{FieldError, Problem};
use super::user_patch::read_patch;
use super::users::{blank, find, outline};

/// What one row asks: `{"create": {…}}` or `{"user": "…", "patch": {…}}`.
enum Row<'a> {
    Create(&'a Map<String, Value>),
    Change(&'a Arc<User>, &'a Map<String, Value>),
}

type Outcome = Result<UserChange, Problem>;

pub(crate) async fn change_many(asked: &Asked) -> Result<Response<Body>, Problem> {
    let body = asked.object()?;
    let mode = mode(&body)?;
    let rows = body.get("rows").and_then(Value::as_array).map(Vec::as_slice);
    let rows = rows.ok_or_else(|| bad("rows", "must be a list of rows"))?;
    if rows.len() > BULK_MAX {
        return Err(directory::Error::TooMany { max: BULK_MAX }.into());
    }
    let account = asked.account()?;
    let mut works = Vec::with_capacity(rows.len());
    for row in rows {
        works.push(work(asked, row, &account).await);
    }
    let outcomes = match mode {
        Bulk::Together => together(asked, works).await?,
        Bulk::Each => each(asked, works).await?,
    };
    Ok(shown(asked, mode, &outcomes))
}

fn mode(body: &Map<String, Value>) -> Result<Bulk, Problem> {
    match body.get("mode").map(Value::as_str) {
        None | Some(Some("together")) => Ok(Bulk::Together),
        Some(Some("each")) => Ok(Bulk::Each),
        Some(_) => Err(bad("mode", "must be one of together, each")),
    }
}

fn bad(field: &str, detail: &str) -> Problem {
    Problem::refused(vec![FieldError::new(field, detail)])
}

/// One row read, its password hashed.
async fn work(asked: &Asked, row: &Value, account: &Snapshot) -> Result<UserWork, Problem> {
    let now = asked.directory().clock().now();
    match read_row(row, account)? {
        Row::Create(fields) => {
            let patch = read_patch(fields, &blank(account, now), account, now)?.patch;
            Ok(UserWork::Create(NewUser {
                patch: asked.directory().seal_new(patch).await?,
                id: UserId(asked.directory().new_id()),
                role: None,
                phone_must_be_new: false,
                assign_extension: asked.flag("assign_extension")?.unwrap_or(false),
            }))
        }
        Row::Change(user, fields) => {
            let patch = read_patch(fields, user, account, now)?.patch;
            let patch = asked.directory().seal_for(user.id, patch, &asked.caller).await?;
            Ok(UserWork::Change { user: user.id, patch })
        }
    }
}

fn read_row<'a>(row: &'a Value, account: &'a Snapshot) -> Result<Row<'a>, Problem> {
    let fields = |key: &str| row.get(key).and_then(Value::as_object);
    match (fields("create"), row.get("user").and_then(Value::as_str), fields("patch")) {
        (Some(create), None, None) => Ok(Row::Create(create)),
        (None, Some(user), Some(patch)) => {
            let user = find(user, account).ok_or_else(|| bad("user", "is not known"))?;
            Ok(Row::Change(user, patch))
        }
        _ => Err(bad("row", "must have create, or user and patch")),
    }
}

/// All rows or none: every row that does not read is named at once.
async fn together(
    asked: &Asked,
    works: Vec<Result<UserWork, Problem>>,
) -> Result<Vec<Outcome>, Problem> {
    let (mut good, mut errors) = (Vec::new(), Vec::new());
    for (row, work) in works.into_iter().enumerate() {
        match work {
            Ok(work) => good.push(work),
            Err(problem) => errors.extend(problem.in_row(row).errors),
        }
    }
    if !errors.is_empty() {
        return Err(Problem::refused(errors));
    }
    let alone = good.len() == 1;
    let options = asked.options_for_new();
    let made = asked.directory().change_users(good, Bulk::Together, &asked.caller, options).await;
    // The directory names the row only where there are several.
    let made = made.map_err(|error| {
        let problem = Problem::from(error);
        if alone && !problem.errors.is_empty() { problem.in_row(0) } else { problem }
    })?;
    Ok(made.into_iter().map(|change| change.map_err(Problem::from)).collect())
}

/// Each row on its own; rows that do not read are refused like those the directory refuses.
async fn each(
    asked: &Asked,
    works: Vec<Result<UserWork, Problem>>,
) -> Result<Vec<Outcome>, Problem> {
    let mut good = Vec::new();
    let mut refused = Vec::with_capacity(works.len());
    for work in works {
        match work {
            Ok(work) => {
                good.push(work);
                refused.push(None);
            }
            Err(problem) => refused.push(Some(problem)),
        }
    }
    let options = asked.options_for_new();
    let made = asked.directory().change_users(good, Bulk::Each, &asked.caller, options).await?;
    let mut made = made.into_iter();
    let outcome = |refused: Option<Problem>| match refused {
        Some(problem) => Some(Err(problem)),
        None => made.next().map(|change| change.map_err(Problem::from)),
    };
    Ok(refused.into_iter().filter_map(outcome).collect())
}

fn shown(asked: &Asked, mode: Bulk, outcomes: &[Outcome]) -> Response<Body> {
    let refused = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    let mut out = Vec::new();
    let mut object = Object::begin(&mut out);
    object.field("mode", if mode == Bulk::Each { "each" } else { "together" });
    object.field("dry_run", &asked.dry_run);
    object.field("done", &(outcomes.len() - refused));
    object.field("refused", &refused);
    object.with("results", |out| {
        list(out, outcomes.iter().enumerate(), |out, (row, outcome)| {
            write_result(out, row, outcome, asked.dry_run);
        });
    });
    object.end();
    json(StatusCode::OK, out)
}

fn write_result(out: &mut Vec<u8>, row: usize, outcome: &Outcome, dry_run: bool) {
    let mut object = Object::begin(out);
    object.field("row", &row);
    match outcome {
        Ok(change) => {
            object.field("id", &change.after.id);
            outline(change, dry_run).write_fields(&mut object);
        }
        Err(problem) => object.with("problem", |out| problem.write(out)),
    }
    object.end();
}
