//! Rows and columns for a person at a terminal. Scripts ask for JSON instead.

/// Characters of a cell; what is longer is cut, so that a row stays a line.
const CELL_CHARS_MAX: usize = 60;

/// Lines of left-aligned columns under a heading.
pub(crate) fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let heading: Vec<String> = heading.iter().map(|it| (*it).to_owned()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(&heading)
        .chain(rows)
        .map(|row| row.iter().map(|it| cut(it)).collect())
        .collect();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> =
        (0..heading.len()).map(|column| width(column).unwrap_or_default()).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The same of what was looked for; a sentence where nothing was found.
pub(crate) fn found(heading: &[&str], rows: &[Vec<String>], nothing: &str) -> String {
    if rows.is_empty() { nothing.to_owned() } else { table(heading, rows) }
}

/// A moment of the API's without the parts of its second.
pub(crate) fn moment(text: &str) -> String {
    match text.split_once('.') {
        Some((seconds, rest)) => {
            format!("{seconds}{}", rest.trim_start_matches(|it: char| it.is_ascii_digit()))
        }
        None => text.to_owned(),
    }
}

fn cut(cell: &str) -> String {
    let cell: String = cell.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
    match cell.char_indices().nth(CELL_CHARS_MAX) {
        Some(_) => cell.chars().take(CELL_CHARS_MAX - 1).chain(['…']).collect(),
        None => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_to_the_second() {
        assert_eq!(moment("2026-11-23T10:10:56.476671Z"), "2026-11-23T10:10:56Z");
        assert_eq!(moment("2026-11-23T10:10:56.4+05:30"), "2026-11-23T10:10:56+05:30");
        assert_eq!(moment("2026-11-23T10:10:56Z"), "2026-11-23T10:10:56Z");
        assert_eq!(moment(""), "");
    }

    #[test]
    fn columns_stand_under_each_other_and_long_cells_are_cut() {
        let rows =
            vec![vec!["101".to_owned(), "Zoë".to_owned()], vec!["2".to_owned(), "x".repeat(99)]];
        let lines = table(&["ext", "name"], &rows);
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines[0], "ext  name");
        assert_eq!(lines[1], "101  Zoë");
        assert!(lines[2].ends_with('…') && lines[2].chars().count() == 5 + CELL_CHARS_MAX);
    }
}
