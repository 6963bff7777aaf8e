//! A bounded fuzz run on stable: the same mutations every time, so that a failure can be repeated.
//! It opens no socket, so nothing found in a mutated message can be followed.

use crate::mutation::{Dice, mutate};
use crate::properties::read_any_way;
use crate::samples::{INVITE, REGISTER, wire};

/// Mutated messages per run; a few seconds in a debug build.
const MUTATIONS: usize = 40_000;
/// Mutations laid over each other before starting again from a sample.
const DEPTH: u64 = 8;

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
