//! A QR code as the path of a drawing: one unit a module, with the quiet zone scanners need.

use std::fmt::Write as _;

use qrcode::{Color, QrCode};

/// Modules of quiet on each side (ISO/IEC 18004).
const QUIET: usize = 4;

/// What a template puts into an SVG.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drawing {
    /// Units on a side, the quiet zone included.
    pub(crate) side: usize,
    pub(crate) path: String,
}

/// Text too long for any QR code draws nothing; the key beside it can still be typed.
pub(crate) fn draw(text: &str) -> Drawing {
    let Ok(code) = QrCode::new(text) else { return Drawing::default() };
    let width = code.width();
    let mut path = String::new();
    for (place, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (place % width + QUIET, place / width + QUIET);
            // Writing to a String cannot fail.
            let _ = write!(path, "M{x} {y}h1v1h-1z");
        }
    }
    Drawing { side: width + 2 * QUIET, path }
}
