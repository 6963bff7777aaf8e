//! baresip, a phone that no one here wrote, with the whole program: it registers over TLS.

use std::time::Duration;

use serde_json::Value;

use crate::harness::{Folder, Running, text};
use crate::peers::baresip::{Account, Baresip};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

/// Far above what registering takes it.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(50);

#[test]
#[expect(clippy::disallowed_methods, reason = "another process is waited for")]
fn baresip_registers_over_tls() {
    let folder = Folder::new();
    let (certificate, key) =
        (format!("{FIXTURES}/first.certificate.pem"), format!("{FIXTURES}/first.key.pem"));
    let tables =
        format!("[sip]\ntls = \"127.0.0.1:0\"\ncertificate = {certificate:?}\nkey = {key:?}\n");
    let config = folder.write("config.toml", &tables);
    let demo = Running::demo_with(&folder.path("data"), &["--config", &config]);
    let user = &demo.ready["users"][0];
    let (name, password) = (text(user, "/extension"), text(user, "/sip_password"));
    let server = format!("{};transport=tls", demo.text("/sip_tls"));
    let (name, password, server) = (&*name, &*password, &*server);
    let account = Account { name, realm: "demo", password, server, answers: true };
    let _baresip = Baresip::start(&account);
    let path = format!("/api/v1/users/extension:{name}/registrations");
    let device = (0..PATIENCE.as_millis() / PAUSE.as_millis()).find_map(|_| {
        std::thread::sleep(PAUSE);
        let (_, mut found) = demo.ask("GET", &path, &Value::Null);
        found["data"].get_mut(0).map(Value::take)
    });
    assert_eq!(device.expect("it registers")["transport"], "tls");
}
