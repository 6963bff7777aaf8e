//! Calls from outside: real sockets on loopback, and a small phone of our own.

#[cfg(test)]
mod advertised;
#[cfg(test)]
mod alone;
#[cfg(test)]
mod attended;
#[cfg(test)]
mod baresip;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod clicks;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod early;
#[cfg(test)]
mod enforcement;
#[cfg(test)]
mod failover;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod line;
#[cfg(test)]
mod linphone;
#[cfg(test)]
#[path = "../../../sip/tests/it/mutation.rs"]
mod mutation;
#[cfg(test)]
mod names;
#[cfg(test)]
mod office;
#[cfg(test)]
mod outside;
#[cfg(test)]
#[expect(dead_code, reason = "the browsers' tests use the rest of it")]
#[path = "../peers/mod.rs"]
mod peers;
#[cfg(test)]
mod phone;
#[cfg(test)]
mod registration;
#[cfg(test)]
mod relay;
#[cfg(test)]
mod relay_flows;
#[cfg(test)]
mod rtpengine;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod sipp;
#[cfg(test)]
mod teams;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod torture;
#[cfg(test)]
mod transfer;
#[cfg(test)]
mod trunk_states;
mod trunks;
#[cfg(test)]
mod websocket;
#[cfg(test)]
mod wire;
