//! Every function of the store appears in its contract test, which runs against both databases.
//! Whether the test asks enough of it is for a reader.

use crate::source::{Finding, Source, assert_none, read, rust_files, words};

const CONTRACT: &str = "crates/store/tests/it/contract.rs";

/// Holds from the moment the contract test exists.
#[test]
fn every_store_function_appears_in_the_contract_test() {
    let Some(contract) = read(CONTRACT) else { return };
    let sources = rust_files();
    let store = sources.iter().filter(|file| file.path.starts_with("crates/store/src/"));
    assert_none(&store.flat_map(|file| findings(file, &contract)).collect::<Vec<_>>());
}

fn findings(file: &Source, contract: &Source) -> Vec<Finding> {
    functions(file)
        .filter(|(_, name)| !contract.code().any(|(_, line)| words(line).any(|word| word == *name)))
        .map(|(line, name)| {
            file.finding(
                line,
                format!("Store::{name} is not in {CONTRACT}: write what it promises"),
            )
        })
        .collect()
}

/// `pub async fn` inside `impl Store { … }`, which rustfmt closes at the left margin.
fn functions(file: &Source) -> impl Iterator<Item = (usize, &str)> {
    let mut inside = false;
    file.code().filter_map(move |(number, line)| {
        if line.starts_with("impl Store ") {
            inside = true;
        } else if line.starts_with('}') {
            inside = false;
        }
        let declaration = line.trim_start().strip_prefix("pub async fn ").filter(|_| inside)?;
        words(declaration).next().map(|name| (number, name))
    })
}

#[test]
fn a_store_function_without_its_contract_is_found() {
    let store = Source::new(
        "crates/store/src/lib.rs",
        "impl Store {\n    pub async fn load(&self) {}\n    pub async fn commit(&self) {}\n}\n\
         impl Other {\n    pub async fn else_where() {}\n}\n",
    );
    let contract = Source::new(CONTRACT, "// store.commit\nstore.load().await;\n");
    let lines: Vec<usize> =
        findings(&store, &contract).iter().map(|finding| finding.line).collect();
    assert_eq!(lines, [3]);
}
