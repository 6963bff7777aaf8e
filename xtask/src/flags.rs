//! `--name VALUE` pairs of a command line, each known by name.
//! Deliberately small: no short forms, no `=`, no positional arguments.

use std::str::FromStr;

use crate::failure::Failure;

pub(crate) struct Flags(Vec<(String, String)>);

impl Flags {
    /// Refuses a flag that is not in `known` and one without its value.
    pub(crate) fn parse(words: &[String], known: &[&str]) -> Result<Self, Failure> {
        let mut pairs = Vec::new();
        let mut words = words.iter();
        while let Some(flag) = words.next() {
            if !known.contains(&flag.as_str()) {
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return Err(Failure::new(format!("no flag {flag:?} here; known: {known}")));
            }
            let value =
                words.next().ok_or_else(|| Failure::new(format!("{flag} needs a value")))?;
            pairs.push((flag.clone(), value.clone()));
        }
        Ok(Self(pairs))
    }

    /// The last value given wins, as in most programs.
    pub(crate) fn text(&self, flag: &str) -> Option<&str> {
        self.0.iter().rev().find(|(name, _)| name == flag).map(|(_, value)| value.as_str())
    }

    pub(crate) fn number<N: FromStr>(&self, flag: &str, default: N) -> Result<N, Failure> {
        let Some(text) = self.text(flag) else { return Ok(default) };
        text.parse().map_err(|_| Failure::new(format!("{flag} {text:?} is not a number in range")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_flag_not_given_takes_its_default() {
        let flags = Flags::parse(&words("--users 7"), &["--users", "--seconds"]).unwrap();
        assert_eq!(flags.number("--users", 1).unwrap(), 7);
        assert_eq!(flags.number("--seconds", 10).unwrap(), 10);
    }

    #[test]
    fn unknown_flags_missing_values_and_words_for_numbers_are_refused() {
        assert!(Flags::parse(&words("--user 7"), &["--users"]).is_err());
        assert!(Flags::parse(&words("--users"), &["--users"]).is_err());
        let flags = Flags::parse(&words("--users many"), &["--users"]).unwrap();
        assert!(flags.number("--users", 1).is_err());
    }
}
