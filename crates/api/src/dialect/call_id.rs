//! A call's id as telephone switches write it, `1627373566.350603`: seconds since 1970 and a
//! number. It is no vendor's own; Smartflo, Acefone and CommPeak all show calls so.

use domain::id::CallId;
use uuid::Uuid;

/// Bits of an id behind its milliseconds (RFC 9562 section 5.7).
const BEHIND_TIME: u32 = 80;

/// The id in the vendors' form; nothing of it is lost.
pub(crate) fn written(call: CallId) -> String {
    let id = call.0.as_u128();
    let (milliseconds, rest) = (id >> BEHIND_TIME, id & ((1 << BEHIND_TIME) - 1));
    format!("{}.{}", milliseconds / 1_000, ((milliseconds % 1_000) << BEHIND_TIME) | rest)
}

/// Reads the vendors' form, or the id itself.
pub(crate) fn read(text: &str) -> Option<CallId> {
    let text = text.trim();
    let Some((seconds, sequence)) = text.split_once('.') else { return text.parse().ok() };
    let (seconds, sequence): (u64, u128) = (seconds.parse().ok()?, sequence.parse().ok()?);
    let millisecond = sequence >> BEHIND_TIME;
    if millisecond >= 1_000 {
        return None;
    }
    let milliseconds = u128::from(seconds) * 1_000 + millisecond;
    if milliseconds >> (128 - BEHIND_TIME) != 0 {
        return None;
    }
    let rest = sequence & ((1 << BEHIND_TIME) - 1);
    Some(CallId(Uuid::from_u128((milliseconds << BEHIND_TIME) | rest)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_seconds_stand_first_and_both_forms_are_read() {
        let call: CallId = "018f0a3c-1c00-7e16-bd11-b2104a8484eb".parse().unwrap();
        let text = written(call);
        assert!(text.starts_with("1713863662."), "{text}");
        assert_eq!(read(&text), Some(call));
        assert_eq!(read("018f0a3c-1c00-7e16-bd11-b2104a8484eb"), Some(call));
        for wrong in
            ["", ".", "1.", "x.1", "-1.1", "281474976711.1", "1.99999999999999999999999999999"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_id_comes_back(id: u128) {
            let call = CallId(Uuid::from_u128(id));
            prop_assert_eq!(read(&written(call)), Some(call));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            if let Some(call) = read(&text) {
                prop_assert_eq!(read(&written(call)), Some(call));
            }
        }
    }
}
