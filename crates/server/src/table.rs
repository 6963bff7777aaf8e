//! Rows and columns for a person at a terminal. Scripts ask for JSON instead.

/// Characters of a cell; what is longer is cut, so that the columns behind it stay in sight.
const CELL_CHARS_MAX: usize = 60;
/// Characters of a row's last cell, which nothing stands behind.
const LAST_CHARS_MAX: usize = 200;

/// Lines of left-aligned columns under a heading.
pub(crate) fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let last = heading.len().saturating_sub(1);
    let longest = |column| if column < last { CELL_CHARS_MAX } else { LAST_CHARS_MAX };
    let heading: Vec<String> = heading.iter().map(|it| (*it).to_owned()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(&heading)
        .chain(rows)
        .map(|row| row.iter().enumerate().map(|(column, it)| cut(it, longest(column))).collect())
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

fn cut(cell: &str, longest: usize) -> String {
    let cell: String = cell.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
    match cell.char_indices().nth(longest) {
        Some(_) => cell.chars().take(longest - 1).chain(['…']).collect(),
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
            vec![vec!["101".to_owned(), "Zoë".to_owned()], vec!["x".repeat(99), "y".repeat(300)]];
        let lines = table(&["ext", "name"], &rows);
        let lines: Vec<&str> = lines.lines().collect();
        let column = " ".repeat(CELL_CHARS_MAX - 3);
        assert_eq!(lines[0], format!("ext{column}  name"));
        assert_eq!(lines[1], format!("101{column}  Zoë"));
        assert!(lines[2].contains("x…  y") && lines[2].ends_with("y…"));
        assert_eq!(lines[2].chars().count(), CELL_CHARS_MAX + 2 + LAST_CHARS_MAX);
    }
}
