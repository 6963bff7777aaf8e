//! "Did you mean …?" for keys, columns and settings. It only suggests; nothing unknown is taken.

/// How alike two words must be, from 0 to 1, to be worth a suggestion.
const ALIKE_MIN: f64 = 0.75;

/// The known word most like an unknown one, if any is.
#[must_use]
pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let alike = known.into_iter().map(|word| (strsim::jaro_winkler(unknown, word), word));
    let best = alike.max_by(|one, other| one.0.total_cmp(&other.0))?;
    (best.0 >= ALIKE_MIN).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_a_stranger_none() {
        let known = ["address", "certificate", "trusted_proxies"];
        assert_eq!(nearest("adress", known), Some("address"));
        assert_eq!(nearest("trusted_proxy", known), Some("trusted_proxies"));
        assert_eq!(nearest("zzz", known), None);
    }
}
