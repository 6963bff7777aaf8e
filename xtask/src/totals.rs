//! Sums the `test result:` lines of all test binaries into the closing line.
//! Reads cargo's plain output, the only form stable Rust offers.

use std::fmt;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) ignored: u64,
}

impl Totals {
    /// A run that broke off counts as one failure, so that its closing line says so.
    pub(crate) fn unfinished() -> Self {
        Self { failed: 1, ..Self::default() }
    }

    pub(crate) fn all_passed(&self) -> bool {
        self.failed == 0
    }

    /// Adds the line if it is a result line: `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    pub(crate) fn count(&mut self, line: &str) {
        let Some(result) = line.trim_start().strip_prefix("test result: ") else { return };
        let counts = result.split_once(". ").map_or("", |(_, counts)| counts);
        for part in counts.split(';') {
            let Some((number, word)) = part.trim().split_once(' ') else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_result_lines_count() {
        let mut totals = Totals::default();
        totals.count("test a_blocked_user_cannot_be_called ... ok\n");
        totals.count("running 4 passed; 2 failed;\n");
        assert_eq!(totals, Totals::default());
        totals.count(
            "test result: ok. 12 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; \
             finished in 0.01s\n",
        );
        assert_eq!(totals, Totals { passed: 12, failed: 0, ignored: 2 });
        assert_eq!(totals.to_string(), "12 passed, 0 failed");
    }

    #[test]
    fn an_unfinished_run_never_reads_as_passed() {
        assert!(!Totals::unfinished().all_passed());
    }
}
