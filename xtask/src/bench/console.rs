//! `cargo xtask bench console`: the list of many users, search as one types, and how heavy pages are.
//! Times are a request's over loopback, from its first byte out to its last byte in, one at a time.

use super::files::{Folder, report};
use super::pages::{Fetched, Visitor, assets};
use super::process::Server;
use super::table::Figure;
use super::users;
use crate::command;
use crate::failure::Failure;
use crate::flags::Flags;
use crate::parts::{self, Purpose};
use crate::terminal::say;

/// Each address is asked for this often; the middle and the slowest are reported.
const TURNS: usize = 40;

/// What is typed, letter by letter: a name, an extension, a telephone number, an address, nobody.
const TYPED: &[&str] =
    &["agent 73123", "20073123", "98000731", "agent731@example", "nobody at all"];

/// Pages besides the list whose weight counts; `/phone` is left out, as its goal says.
const PAGES: &[&str] =
    &["/users", "/users/new", "/teams", "/roles", "/integrations", "/audit", "/me"];

pub(crate) fn run(words: &[String]) -> Result<(), Failure> {
    let flags = Flags::parse(words, &["--users"])?;
    let users = flags.number("--users", 100_000)?;
    parts::provide(&Purpose::Bench("console"))?;
    command::run(command::cargo(&["build", "--release", "--locked", "--package", "server"]))?;
    let folder = Folder::fresh("bench-console")?;
    let data = folder.at("data");
    Server::start(&data)?.stop()?;
    say(&format!("importing {users} users"));
    users::import(&data, &folder.at("users.csv"), users)?;
    let server = Server::start(&data)?;
    let cookies = folder.at("cookies.txt");
    let visitor = Visitor::sign_in(&server, &cookies)?;
    let mut figures = list(&visitor)?;
    figures.extend(search(&visitor)?);
    figures.extend(weights(&visitor)?);
    server.stop()?;
    report(&figures, "console")
}

fn list(visitor: &Visitor<'_>) -> Result<Vec<Figure>, Failure> {
    say("the list");
    let pages = [
        ("list, first page", "/users"),
        ("list, filtered", "/users?standing=active&presence=online"),
        ("list, nobody found", "/users?presence=break"),
    ];
    let mut figures = Vec::new();
    for (name, path) in pages {
        let fetched = visitor.fetch(&vec![path.to_owned(); TURNS], false)?;
        figures.extend(times(name, &fetched, "under 30"));
        let bytes = fetched.first().map_or(0.0, |it| it.bytes);
        figures.push(Figure::plain(&format!("{name}, size"), "KB", bytes / 1000.0, "under 100"));
    }
    Ok(figures)
}

fn search(visitor: &Visitor<'_>) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for typed in TYPED {
        say(&format!("search for `{typed}`"));
        let prefixes = (1..=typed.len()).filter_map(|length| typed.get(..length));
        let prefixes =
            prefixes.map(|it| format!("/users?q={}", it.replace(' ', "+").replace('@', "%40")));
        let fetched = visitor.fetch(&prefixes.collect::<Vec<_>>(), true)?;
        figures.extend(times(&format!("search as one types `{typed}`"), &fetched, "under 20"));
    }
    Ok(figures)
}

/// The page and every file it asks for, as if nothing were cached.
fn weights(visitor: &Visitor<'_>) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for path in PAGES {
        let page = visitor.text(path)?;
        let mut paths = assets(&page);
        paths.push((*path).to_owned());
        let bytes: f64 = visitor.fetch(&paths, false)?.iter().map(|it| it.bytes).sum();
        let name = format!("weight of {path} with its files");
        figures.push(Figure::plain(&name, "KB", bytes / 1000.0, "under 150"));
    }
    Ok(figures)
}

fn times(name: &str, fetched: &[Fetched], goal: &str) -> [Figure; 2] {
    let mut times: Vec<f64> = fetched.iter().map(|it| it.ms).collect();
    times.sort_unstable_by(f64::total_cmp);
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    let slowest = times.last().copied().unwrap_or_default();
    [
        Figure::plain(&format!("{name}, middle"), "ms", middle, goal),
        Figure::plain(&format!("{name}, slowest"), "ms", slowest, ""),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_slowest_are_told() {
        let fetched = [3.0, 1.0, 9.0].map(|ms| Fetched { ms, bytes: 1.0 });
        let [middle, slowest] = times("list", &fetched, "under 30");
        assert!((middle.value - 3.0).abs() < 1e-9 && (slowest.value - 9.0).abs() < 1e-9);
    }
}
