//! No name that hides a missing idea: manager, helper, util, common.
//! Files and declarations are checked; a word in a sentence, as tests are named, is not a name.

use crate::source::{Finding, Source, assert_none, rust_files, words};

const FORBIDDEN: &[&str] = &["manager", "helper", "helpers", "util", "utils", "common"];
const DECLARATIONS: &[&str] =
    &["fn", "struct", "enum", "trait", "mod", "type", "const", "static", "let"];

#[test]
fn no_name_hides_a_missing_idea() {
    assert_none(
        &rust_files().iter().filter(|file| !file.is_rule()).flat_map(findings).collect::<Vec<_>>(),
    );
}

fn findings(file: &Source) -> Vec<Finding> {
    let in_path = file.path.split(['/', '.']).find_map(forbidden_part);
    let of_file = in_path.map(|word| file.finding(1, advice(word)));
    let mut names_a_test = false;
    let of_lines = file.code().filter_map(|(number, line)| {
        let is_sentence = std::mem::replace(&mut names_a_test, line.trim().ends_with("test]"));
        if is_sentence {
            return None;
        }
        let word = declared(line).find_map(forbidden_part)?;
        Some(file.finding(number, advice(word)))
    });
    of_file.into_iter().chain(of_lines).collect()
}

fn advice(word: &str) -> String {
    format!("a name with {word:?}: name the idea it stands for")
}

fn declared(line: &str) -> impl Iterator<Item = &str> {
    words(line).zip(words(line).skip(1)).filter_map(|(keyword, name)| {
        // `let mut name`, `static mut NAME`: the name follows one word later; `mut` is no name.
        (DECLARATIONS.contains(&keyword) || keyword == "mut").then_some(name)
    })
}

fn forbidden_part(name: &str) -> Option<&'static str> {
    let parts = parts(name);
    FORBIDDEN.iter().find(|word| parts.iter().any(|part| part == *word)).copied()
}

/// `CallManager` and `call_manager` both are `call`, `manager`.
fn parts(name: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut after_small = false;
    for letter in name.chars() {
        if letter.is_uppercase() && after_small {
            spaced.push('_');
        }
        after_small = letter.is_lowercase();
        spaced.extend(letter.to_lowercase());
    }
    spaced.split(['_', '-']).map(str::to_owned).collect()
}

#[test]
fn forbidden_names_are_found_in_files_and_declarations() {
    let path = "crates/api/src/utils.rs";
    assert_eq!(findings(&Source::new(path, "")).len(), 1);
    let file = Source::new(
        "crates/api/src/user.rs",
        "struct CallManager;\nfn helper_of(x: u8) {}\nlet mut common = 1;\nlet commonplace = 2;\n\
         // fn util()\nlet text = \"a common word\";\n\
         #[test]\nfn common_addresses_are_taken() {}\n",
    );
    let lines: Vec<usize> = findings(&file).iter().map(|finding| finding.line).collect();
    assert_eq!(lines, [1, 2, 3]);
}
