//! Style sheet and scripts, embedded; their addresses carry a hash of what they hold, so that
//! browsers may keep them for ever.

use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, Response, StatusCode, header};
use domain::hex::hex;
use sha2::{Digest, Sha256};

/// Hash characters in an address.
const HASH_CHARACTERS: usize = 12;
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// One file.
pub(crate) struct Asset {
    /// With its hash: `/assets/app.0123456789ab.js`.
    pub(crate) address: String,
    kind: &'static str,
    bytes: &'static [u8],
}

pub(crate) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    asset("app", "css", "text/css; charset=utf-8", include_bytes!("../assets/app.css"))
});
pub(crate) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    asset("app", "js", "text/javascript; charset=utf-8", include_bytes!("../assets/app.js"))
});
pub(crate) static HTMX: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("../assets/htmx.min.js");
    asset("htmx", "js", "text/javascript; charset=utf-8", bytes)
});
/// The softphone's page alone asks for these three.
pub(crate) static JSSIP: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("../assets/jssip.min.js");
    asset("jssip", "js", "text/javascript; charset=utf-8", bytes)
});
pub(crate) static PHONE: LazyLock<Asset> = LazyLock::new(|| {
    asset("phone", "js", "text/javascript; charset=utf-8", include_bytes!("../assets/phone.js"))
});
pub(crate) static PHONE_SOUND: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("../assets/phone-sound.js");
    asset("phone-sound", "js", "text/javascript; charset=utf-8", bytes)
});
pub(crate) static ICON: LazyLock<Asset> =
    LazyLock::new(|| asset("icon", "svg", "image/svg+xml", include_bytes!("../assets/icon.svg")));

fn asset(name: &str, ending: &str, kind: &'static str, bytes: &'static [u8]) -> Asset {
    let mut hash = hex(&Sha256::digest(bytes));
    hash.truncate(HASH_CHARACTERS);
    Asset { address: format!("/assets/{name}.{hash}.{ending}"), kind, bytes }
}

/// An address with another hash is a page from before an update: not found, it is reloaded.
pub(crate) async fn serve(Path(file): Path<String>) -> Response<Body> {
    let assets = [&*STYLE, &*SCRIPT, &*HTMX, &*ICON, &*JSSIP, &*PHONE, &*PHONE_SOUND];
    let wanted = assets.into_iter().find(|it| it.address.strip_prefix("/assets/") == Some(&file));
    let mut response = Response::new(Body::empty());
    let Some(asset) = wanted else {
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    *response.body_mut() = Body::from(asset.bytes);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(FOR_EVER));
    response
}
