//! A bounded fuzz run on stable: the same mutations every time, so that a failure can be repeated.
//! It opens no socket, so nothing found in a mutated message can be followed.

use crate::properties::read_any_way;
use crate::samples::{INVITE, REGISTER, wire};

/// Mutated messages per run; a few seconds in a debug build.
const MUTATIONS: usize = 40_000;
/// Mutations laid over each other before starting again from a sample.
const DEPTH: u64 = 8;

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
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let limit = u64::try_from(limit.max(1)).unwrap();
        usize::try_from((mixed ^ (mixed >> 31)) % limit).unwrap()
    }
}

fn mutate(bytes: &mut Vec<u8>, dice: &mut Dice) {
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

#[test]
fn bounded_fuzz() {
    let auth = REGISTER.replace(
        "Expires:",
        "Authorization: Digest username=\"101\", realm=\"r\", nonce=\"n\", uri=\"sip:r\", \
         response=\"0\", qop=auth, nc=00000001, cnonce=\"c\"\nExpires:",
    );
    let refer = INVITE.replace("Min-SE", "Refer-To: <sip:a@b?Replaces=c%3Bto-tag%3D1>\nMin-SE");
    let trying = REGISTER.replace("REGISTER sip:rollcall.example SIP/2.0", "SIP/2.0 100 Trying");
    let samples = [wire(INVITE), wire(REGISTER), wire(&auth), wire(&refer), wire(&trying)];
    let mut dice = Dice(4475);
    let mut bytes = Vec::new();
    for round in 0..MUTATIONS {
        if u64::try_from(round).unwrap().is_multiple_of(DEPTH) {
            bytes.clear();
            bytes.extend_from_slice(&samples[dice.below(samples.len())]);
        }
        mutate(&mut bytes, &mut dice);
        read_any_way(&bytes);
    }
}
