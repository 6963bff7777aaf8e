//! The digits of a number, written on the stack: a search looks into those of every user.
//! Which numbers have digits to look into is said where they are defined.

/// Digits of the largest number.
const DIGITS_MAX: usize = 20;

/// Whether these digits stand in a number, behind as many of its first ones as are left out.
pub(crate) fn contain(mut number: u64, left_out: usize, part: &str) -> bool {
    let mut digits = [b'0'; DIGITS_MAX];
    let mut begin = DIGITS_MAX;
    for digit in digits.iter_mut().rev() {
        *digit += u8::try_from(number % 10).unwrap_or_default();
        begin -= 1;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    let written = digits.get(begin + left_out..).unwrap_or_default();
    !part.is_empty() && written.windows(part.len()).any(|window| window == part.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::contain;

    #[test]
    fn any_digits_in_a_row_are_found() {
        for part in ["9", "9191", "00000", "0101", "919100000101"] {
            assert!(contain(919_100_000_101, 0, part), "{part}");
        }
        for part in ["", "0102", "9191000001010", "+91"] {
            assert!(!contain(919_100_000_101, 0, part), "{part}");
        }
        assert!(contain(u64::MAX, 0, "18446744073709551615"));
    }

    #[test]
    fn digits_left_out_are_not_found() {
        assert!(contain(1012, 1, "012") && !contain(1012, 1, "1012") && !contain(1, 1, "1"));
    }
}
