//! Rows sent through the API in chunks, several at a time where passwords must be hashed.
//! How the results are told is `report`'s business.

use directory::BULK_MAX;
use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use sheet::{Target, Work};

use super::report::{Outcome, Said};
use crate::door::{Ask, Door};
use crate::output::Failure;

/// Bytes of a chunk: what the API takes as one body, less its frame.
const CHUNK_BYTES_MAX: usize = api::request::BODY_BYTES_MAX - 1024;
/// Rows of a chunk with passwords, each of which takes a core some 20 ms: the bar keeps moving.
const HASHED_ROWS_MAX: usize = 50;

/// Whether rows stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Each,
    Together,
}

impl Mode {
    const fn word(self) -> &'static str {
        match self {
            Self::Each => "each",
            Self::Together => "together",
        }
    }
}

/// Rows of one request, in their order.
#[derive(Default)]
struct Chunk {
    works: Vec<Work>,
    rows: Vec<Value>,
    bytes: usize,
}

pub(super) async fn load(
    door: &Door,
    works: Vec<Work>,
    mode: Mode,
    dry_run: bool,
    progress: &ProgressBar,
) -> Result<Vec<Outcome>, Failure> {
    let hashed = works.iter().any(|work| work.row.fields.contains_key("password"));
    let rows_max = if hashed && mode == Mode::Each { HASHED_ROWS_MAX } else { BULK_MAX };
    let (mut outcomes, chunks) = chunks(works, rows_max);
    if mode == Mode::Together {
        refuse_parts(&outcomes, chunks.len())?;
    }
    let at_once = if hashed { cores() } else { 1 };
    let sent = chunks.into_iter().map(|chunk| send(door, chunk, mode, dry_run, progress));
    let sent: Vec<_> = stream::iter(sent).buffered(at_once).try_collect().await?;
    outcomes.extend(sent.into_iter().flatten());
    outcomes.sort_by_key(|outcome| outcome.line);
    Ok(outcomes)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// What cannot be sent is refused already; the rest in chunks.
fn chunks(works: Vec<Work>, rows_max: usize) -> (Vec<Outcome>, Vec<Chunk>) {
    let (mut refused, mut chunks, mut chunk) = (Vec::new(), Vec::new(), Chunk::default());
    for work in works {
        let row = match &work.target {
            Target::New => json!({ "create": work.row.fields }),
            Target::User(user) => json!({ "user": user, "patch": work.row.fields }),
            Target::Unclear(why) => {
                refused.push(Outcome::new(&work, Said::Refused(why.clone())));
                continue;
            }
        };
        let bytes = row.to_string().len() + 1;
        if chunk.rows.len() == rows_max || chunk.bytes + bytes > CHUNK_BYTES_MAX {
            chunks.push(std::mem::take(&mut chunk));
        }
        chunk.bytes += bytes;
        chunk.rows.push(row);
        chunk.works.push(work);
    }
    if !chunk.rows.is_empty() {
        chunks.push(chunk);
    }
    (refused, chunks)
}

/// All or nothing is one request.
fn refuse_parts(refused: &[Outcome], chunks: usize) -> Result<(), Failure> {
    if let Some(outcome) = refused.first() {
        return Err(Failure::refused(format!("line {}: {}", outcome.line, outcome.said.why()))
            .hint("nothing was changed; without --together the other rows would stand"));
    }
    if chunks > 1 {
        let failure = format!("the file is too large for one transaction: it takes {chunks}");
        return Err(Failure::refused(failure).hint("split the file, or leave out --together"));
    }
    Ok(())
}

async fn send(
    door: &Door,
    mut chunk: Chunk,
    mode: Mode,
    dry_run: bool,
    progress: &ProgressBar,
) -> Result<Vec<Outcome>, Failure> {
    let rows = std::mem::take(&mut chunk.rows);
    let body = json!({ "mode": mode.word(), "rows": rows });
    let answer = door.ask(Ask::post("/users/bulk", body).with_flag("dry_run", dry_run)).await;
    let answer = answer.map_err(|failure| {
        failure.reworded(|said| by_line(said, &chunk.works)).hint(not_taken(&chunk.works))
    })?;
    progress.inc(chunk.works.len() as u64);
    let results = answer.get("results").and_then(Value::as_array).into_iter().flatten();
    Ok(chunk.works.iter().zip(results).map(|(work, it)| outcome(work, it)).collect())
}

/// The API counts the rows of a request from 0; a person counts the lines of his file.
fn by_line(mut said: String, works: &[Work]) -> String {
    for (row, work) in works.iter().enumerate() {
        let line = format!("line {}: ", work.row.line);
        said =
            said.replace(&format!("rows[{row}]."), &line).replace(&format!("row {row}: "), &line);
    }
    said
}

fn not_taken(works: &[Work]) -> String {
    let line = |work: Option<&Work>| work.map_or(0, |work| work.row.line);
    let (first, last) = (line(works.first()), line(works.last()));
    format!("nothing on lines {first} to {last} was changed")
}

fn outcome(work: &Work, result: &Value) -> Outcome {
    if let Some(problem) = result.get("problem") {
        let detail = problem.get("detail").and_then(Value::as_str).unwrap_or("refused");
        return Outcome::new(work, Said::Refused(detail.to_owned()));
    }
    let id = result.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let differs = result.get("diff").and_then(Value::as_object).is_some_and(|it| !it.is_empty());
    Outcome::new(
        work,
        match work.target {
            Target::New => Said::Created(id),
            Target::User(_) if differs => Said::Updated(id),
            Target::User(_) | Target::Unclear(_) => Said::Unchanged(id),
        },
    )
}
