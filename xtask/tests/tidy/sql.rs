//! SQL is written in `store` only, names its columns, and one module knows which database it is.
//! The statements themselves are tried by the store's contract test.

use crate::source::{Finding, Source, assert_none, files, has_extension, rust_files};

const STORE: &str = "crates/store/";
const DATABASES: &[&str] = &["sqlite", "postgres"];

#[test]
fn sql_is_written_in_store_only() {
    let sources = product(rust_files());
    let others = sources.iter().filter(|file| !file.path.starts_with(STORE));
    assert_none(&others.flat_map(statements).collect::<Vec<_>>());
}

#[test]
fn every_query_names_its_columns() {
    let sources = product(files(|name| has_extension(name, "rs") || has_extension(name, "sql")));
    assert_none(&sources.iter().flat_map(unnamed_columns).collect::<Vec<_>>());
}

#[test]
fn only_store_db_names_a_database() {
    let sources = product(rust_files());
    assert_none(&sources.iter().flat_map(database_names).collect::<Vec<_>>());
}

fn product(sources: Vec<Source>) -> Vec<Source> {
    sources.into_iter().filter(|file| file.path.starts_with("crates/")).collect()
}

fn statements(file: &Source) -> Vec<Finding> {
    let lines = file.code().filter(|(_, line)| {
        ["SELECT ", "INSERT INTO ", "DELETE FROM ", "CREATE TABLE "].iter().any(|verb| line.contains(verb))
            // UPDATE alone is a SIP method.
            || (line.contains("UPDATE ") && line.contains(" SET "))
    });
    let advice = "SQL outside store: give the store a function for it, with its contract test";
    lines.map(|(number, _)| file.finding(number, advice)).collect()
}

fn unnamed_columns(file: &Source) -> Vec<Finding> {
    let lines = file.code().filter(|(_, line)| line.contains("SELECT *"));
    lines.map(|(number, _)| file.finding(number, "name the columns")).collect()
}

/// In code; comments may say the name. Tests open the database they are about.
fn database_names(file: &Source) -> Vec<Finding> {
    let knows = file.path.starts_with("crates/store/src/db/");
    if knows || file.is_test() {
        return Vec::new();
    }
    let lines = file.code().filter(|(_, line)| {
        let line = line.to_lowercase();
        DATABASES.iter().any(|database| line.contains(database))
    });
    let advice = "names a database: only crates/store/src/db/ knows which one it is";
    lines.map(|(number, _)| file.finding(number, advice)).collect()
}

#[test]
fn a_statement_outside_store_is_found_and_a_sip_method_is_not() {
    let file = Source::new(
        "crates/calls/src/call.rs",
        "const A: &str = \"SELECT id FROM users\";\nconst B: &str = \"UPDATE sip:101@x SIP/2.0\";\n\
         const C: &str = \"UPDATE users SET a = 1\";\n",
    );
    let lines: Vec<usize> = statements(&file).iter().map(|finding| finding.line).collect();
    assert_eq!(lines, [1, 3]);
    assert_eq!(unnamed_columns(&Source::new("a.sql", "SELECT * FROM users")).len(), 1);
}

#[test]
fn a_database_is_named_in_store_db_only() {
    let text = "// PostgreSQL too\nuse rusqlite::Connection;\n";
    assert_eq!(database_names(&Source::new("crates/store/src/user.rs", text)).len(), 1);
    assert_eq!(database_names(&Source::new("crates/store/src/db/mod.rs", text)).len(), 0);
    assert_eq!(database_names(&Source::new("crates/store/src/db/writer.rs", text)).len(), 0);
    assert_eq!(database_names(&Source::new("crates/store/tests/it/contract.rs", text)).len(), 0);
}
