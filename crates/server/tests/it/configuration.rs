//! The configuration file: what is refused, and what is said about it.

use crate::harness::{Folder, Running};

fn refused(config: &str) -> String {
    let folder = Folder::new();
    let file = folder.write("config.toml", config);
    folder.run(&["serve", "--http", "127.0.0.1:0", "--config", &file]).failed(2)
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    let said = refused("[http]\nadress = \"127.0.0.1:0\"\n");
    assert!(said.contains("unknown key: http.adress"), "{said}");
    assert!(said.contains("did you mean http.address?"), "{said}");
    let said = refused("[htpp]\n");
    assert!(said.contains("did you mean http?"), "{said}");
    assert!(refused("zzzzzz = 1\n").contains("known are data,"));
}

#[test]
fn a_value_of_the_wrong_kind_names_its_key() {
    let said = refused("[http]\nconnections_max = \"many\"\n");
    assert!(said.contains("connections_max"), "{said}");
    assert!(refused("[http]\nconnections_max = 0\n").contains("nobody could connect"));
    assert!(refused("[log]\nlevel = \"info,=\"\n").contains("log.level"));
    let said = refused("[log]\nformat = \"xml\"\n");
    assert!(said.contains("text") && said.contains("json"), "{said}");
}

#[test]
fn no_patience_with_trunks_is_refused() {
    let said = refused("[sip]\ntrunk_probe_patience_seconds = 0\n");
    assert!(said.contains("trunk_probe_patience_seconds is 0"), "{said}");
    let said = refused("[sip]\ntrunk_probe_seconds = -1\n");
    assert!(said.contains("trunk_probe_seconds"), "{said}");
}

#[test]
fn a_public_address_nobody_can_send_to_is_refused() {
    for place in ["0.0.0.0", "sip:203.0.113.5", "203.0.113.5:99999", ""] {
        let said = refused(&format!("[sip]\nadvertised = {place:?}\n"));
        assert!(said.contains("advertised") && said.contains("203.0.113.5:15060"), "{said}");
    }
}

#[test]
fn a_host_without_its_dialect_and_a_certificate_without_its_key_are_refused() {
    let said = refused("[hosts]\n\"rest.example\" = \"telecmy\"\n");
    assert!(said.contains("rest.example") && said.contains("telecmi"), "{said}");
    let said = refused("[http]\ncertificate = \"certificate.pem\"\n");
    assert!(said.contains("belong together"), "{said}");
    let said = refused("[sip]\nkey = \"key.pem\"\n");
    assert!(said.contains("sip.certificate") && said.contains("belong together"), "{said}");
    let said = refused("[sip]\ntls = \"127.0.0.1:0\"\n");
    assert!(said.contains("needs a certificate"), "{said}");
}

#[test]
fn a_file_that_is_not_there_or_no_toml_is_said() {
    let folder = Folder::new();
    let missing = folder.text("missing.toml");
    let said = folder.run(&["serve", "--config", &missing]).failed(1);
    assert!(said.contains("missing.toml"), "{said}");
    assert!(refused("[http").contains("config.toml"));
}

#[test]
fn a_configured_host_name_speaks_its_dialect_at_the_root() {
    let folder = Folder::new();
    let hosts = "[hosts]\n\"127.0.0.1\" = \"telecmi\"\n";
    let config = folder.write("config.toml", hosts);
    let served = Running::serve(&folder.path("data"), &["--config", &config]);
    let sample = serde_json::json!({ "appid": 1, "secret": "x" });
    let path = "/v2/user/update";
    let (_, answer) = crate::harness::send(&served.url(), "POST", path, &[], &sample);
    assert!(answer["msg"].is_string(), "{answer}");
}
