//! `rollcall export`: every user that is not deleted as CSV, without secrets. `rollcall import`
//! takes the file back.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Args;
use domain::setting::Setting;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use crate::bar;
use crate::door::{Ask, Door};
use crate::output::{Failure, counted, say};
use crate::place::Place;
use crate::references;
use sheet::cell;

/// Stands for standard output.
const STANDARD_OUTPUT: &str = "-";

#[derive(Args, Debug)]
pub(crate) struct Export {
    /// The file to write, readable by its owner only; `-` is standard output.
    file: PathBuf,
    #[command(flatten)]
    place: Place,
    /// Print one line of JSON about the file.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(export: &Export) -> Result<(), Failure> {
    if export.json && export.file == Path::new(STANDARD_OUTPUT) {
        return Err(Failure::usage("--json tells of a file, and the users go to standard output")
            .hint("name a file, or leave out --json"));
    }
    let users = Door::with(&export.place, async |door| {
        let progress = bar::endless("exporting users");
        let written = write(export, door, &progress).await;
        progress.finish_and_clear();
        written
    })
    .await?;
    if export.json {
        say(json!({ "file": export.file, "users": users }));
    } else if export.file != Path::new(STANDARD_OUTPUT) {
        say(format!("{} holds {}", export.file.display(), counted(users, "user")));
    }
    Ok(())
}

/// A file appears under its name when it is whole.
async fn write(export: &Export, door: &Door, progress: &ProgressBar) -> Result<u64, Failure> {
    if export.file == Path::new(STANDARD_OUTPUT) {
        return write_rows(io::stdout().lock(), door, progress).await;
    }
    let failed = |error| Failure::because(&format!("write {}", export.file.display()), &error);
    let mut partial = export.file.clone().into_os_string();
    partial.push(".partial");
    let file = private(Path::new(&partial)).map_err(failed)?;
    let written = write_rows(&file, door, progress).await;
    let named = file.sync_all().and_then(|()| match &written {
        Ok(_) => fs::rename(&partial, &export.file),
        Err(_) => fs::remove_file(&partial),
    });
    let users = written?;
    named.map_err(failed)?;
    Ok(users)
}

fn private(path: &Path) -> io::Result<File> {
    fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

async fn write_rows(out: impl Write, door: &Door, progress: &ProgressBar) -> Result<u64, Failure> {
    let names = references::names(door, Setting::ALL.iter().copied()).await?;
    let settings: Vec<Setting> = exported().collect();
    let mut csv = csv::Writer::from_writer(out);
    let failed = |error: csv::Error| Failure::because("write the users", &error);
    let heading = ["id"].into_iter().chain(settings.iter().map(|setting| setting.name()));
    csv.write_record(heading).map_err(failed)?;
    let mut users = 0;
    door.each_row(Ask::get("/users"), |user| {
        let of = |name: &str| user.get(name).unwrap_or(&Value::Null);
        let id = of("id").as_str().unwrap_or_default().to_owned();
        let cells = settings.iter().map(|it| cell::write(*it, of(it.name()), &names));
        users += 1;
        progress.inc(1);
        csv.write_record(std::iter::once(id).chain(cells)).map_err(failed)
    })
    .await?;
    csv.flush().map_err(|error| Failure::because("write the users", &error))?;
    Ok(users)
}

/// Secrets cannot be read, and deleted users are not exported.
fn exported() -> impl Iterator<Item = Setting> {
    let all = Setting::ALL.iter().copied();
    all.filter(|setting| !setting.is_secret() && *setting != Setting::Deleted)
}
