//! Randomness: drawn here and nowhere else, handed on as an argument.

/// Bytes from the operating system.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without the system's randomness nothing this process could issue would be safe.
    if getrandom::fill(&mut bytes).is_err() {
        std::process::abort();
    }
    bytes
}

/// Letters and digits that are not mistaken for one another; 32 of them, five bits each.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A random word of a given length, five bits a character.
#[must_use]
pub fn random_word(length: usize) -> String {
    let mut word = String::with_capacity(length);
    while word.len() < length {
        for byte in random::<32>() {
            if word.len() < length {
                let place = usize::from(byte & 31);
                word.push(ALPHABET.get(place).copied().map_or('a', char::from));
            }
        }
    }
    word
}
