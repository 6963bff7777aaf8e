//! Mutations of messages, the same every time, so that a failure can be repeated. The tests of the
//! listener in `calls` use them too.

/// Stretches that matter to the grammar, spliced in at random places.
const TOKENS: [&[u8]; 24] = [
    b"\r\n",
    b"\r\n ",
    b"\n",
    b"\r",
    b"\r\n\r\n",
    b"\0",
    b"\"",
    b"\\",
    b"<",
    b">",
    b"<>",
    b";",
    b",",
    b"=",
    b":",
    b"@",
    b"[::1]",
    b"%",
    b"*",
    b"Via: SIP/2.0/UDP a;branch=z9hG4bK\r\n",
    b"l: 99999\r\n",
    b"99999999999999999999",
    b"\xff\xfe",
    b";tag=",
];

/// Splitmix64: deterministic, and good enough to choose places.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below the limit; 0 where that is 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let limit = u64::try_from(limit.max(1)).unwrap();
        usize::try_from((mixed ^ (mixed >> 31)) % limit).unwrap()
    }
}

/// Changes a message in one place.
pub(crate) fn mutate(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.below(bytes.len() + 1);
    let end = (at + dice.below(24)).min(bytes.len());
    match dice.below(5) {
        0 => drop(bytes.splice(at..at, TOKENS[dice.below(TOKENS.len())].iter().copied())),
        1 => drop(bytes.splice(at..end, TOKENS[dice.below(TOKENS.len())].iter().copied())),
        2 => drop(bytes.drain(at..end)),
        3 => {
            let copy = bytes[at..end].to_vec();
            let to = dice.below(bytes.len() + 1);
            drop(bytes.splice(to..to, copy));
        }
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
    }
}
