//! `rollcall demo`: one sample account, served, with everything needed to try it printed.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value, json};

use super::Serving;
use super::serve::{Served, log_to_stderr, prepare_folder, runtime};
use crate::demo;
use crate::output::{Failure, say};

/// Where a demo lives unless told otherwise.
const FOLDER: &str = "rollcall-demo";

#[derive(Args, Clone, Debug)]
pub(crate) struct Demo {
    #[command(flatten)]
    serving: Serving,
    /// Print one line of JSON when ready, for scripts.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(flags: &Demo) -> Result<(), Failure> {
    let mut config = flags.serving.config()?;
    if flags.serving.data.is_none() {
        config.data = PathBuf::from(FOLDER);
    }
    if flags.json && config.log.level == "info" {
        "warn".clone_into(&mut config.log.level);
    }
    log_to_stderr(&config);
    prepare_folder(&config.data)?;
    let folder = config.data.clone();
    let kept = demo::kept(&folder)?;
    runtime()?.block_on(async {
        let served = Served::start(config).await?;
        let demo = match kept {
            Some(kept) => known(&served, kept)?,
            None => {
                let demo = demo::create(&served.directory).await?;
                demo::keep(&folder, &demo)?;
                demo
            }
        };
        let ready = ready(&served, &demo);
        if flags.json {
            say(&ready)
        } else {
            say(guide::guide(&ready))
        }
        served.until_stopped().await;
        Ok(())
    })
}

/// A kept demo is only as good as the directory beside it.
fn known(served: &Served, kept: Value) -> Result<Value, Failure> {
    let account = demo::account(&kept);
    let there = account.is_some_and(|id| served.directory.deployment().account(id).is_some());
    if there {
        return Ok(kept);
    }
    Err(Failure::new("demo.json names an account the data folder does not have")
        .hint("name a new folder with --data"))
}

/// The line a script reads: addresses first, then what the demo kept.
fn ready(served: &Served, demo: &Value) -> Value {
    let mut ready = Map::new();
    ready.insert("http".to_owned(), json!(served.url()));
    ready.insert("sip".to_owned(), json!(served.sip()));
    if let Some(demo) = demo.as_object() {
        ready.extend(demo.clone());
    }
    Value::Object(ready)
}

mod guide {
    //! The page a person reads: where to sign in, which phones to set up, what to paste.

    use serde_json::Value;

    pub(super) fn guide(ready: &Value) -> String {
        let at = |pointer: &str| match ready.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        let (http, sip) = (at("/http"), at("/sip"));
        let phones: String = (0..3)
            .map(|user| {
                let of = |key: &str| at(&format!("/users/{user}/{key}"));
                format!(
                    "  {}  password {}  (web sign-in {} / {})\n",
                    of("extension"),
                    of("sip_password"),
                    of("login"),
                    of("password")
                )
            })
            .collect();
        let serial = at("/users/0/serial");
        format!(
            "Rollcall demo, serving {http}\n\n\
             Console    {http}/  sign in as {} with {}\n\n\
             SIP        {sip}, UDP and TCP\n{phones}\n\
             The vendors' own documented samples, with only the address and the credentials changed:\n\n\
             # TeleCMI\n\
             curl -X POST {http}/telecmi/v2/user/update -H 'content-type: application/json' -d '{{\"appid\":{},\"secret\":\"{}\",\"id\":\"{}\",\"name\":\"Abishek\",\"phone_number\":\"919100000000\",\"password\":\"12345678\",\"start_time\":1,\"end_time\":24,\"sms_alert\":true}}'\n\n\
             # CallerDesk\n\
             curl -X POST {http}/callerdesk/api/updatemember_v2 -H 'authcode: {}' -d access=2 -d status=1 -d member_id={serial} -d member_num=9100000000 -d member_email=agent1@example.com -d member_name=Agent -d password=Welcome-12\n\n\
             # Acefone\n\
             curl -X PATCH {http}/acefone/v1/user/{serial} -H 'accept: application/json' -H 'content-type: application/json' -H 'Authorization: Bearer {}' --data-raw '{{\"user_for_cdr\":{{\"value\":[\"{}\",\"{}\"],\"type\":\"agent\"}}}}'\n\n\
             # Smartflo\n\
             curl -X PATCH {http}/smartflo/v1/user/{serial} -H 'accept: application/json' -H 'content-type: application/json' -H 'Authorization: Bearer {}' -d '{{\"destination\":\"Team lead\",\"international_outbound\":true}}'\n\n\
             # CommPeak\n\
             curl -X PUT {http}/commpeak/integrations/adapters/hook/users/{serial} --digest -u '{}:{}' -H 'content-type: application/json' -d '{{\"first_name\":\"Asha\",\"use_webrtc\":1}}'\n\n\
             # Rollcall's own API\n\
             curl {http}/api/v1/users -H 'authorization: Bearer {}'\n",
            at("/console/login"),
            at("/console/password"),
            at("/credentials/telecmi/appid"),
            at("/credentials/telecmi/secret"),
            at("/users/0/telecmi_id"),
            at("/credentials/callerdesk/authcode"),
            at("/credentials/acefone/token"),
            at("/users/1/acefone_agent_id"),
            at("/users/2/acefone_agent_id"),
            at("/credentials/smartflo/token"),
            at("/credentials/commpeak/username"),
            at("/credentials/commpeak/password"),
            at("/credentials/native/token"),
        )
    }
}
