//! What is private, for the targets of `fuzz/`. What programs see has no such module.

pub use crate::auth::fuzzing::*;
use crate::monitor::MonitorEvent;

/// Whether `bind` and `connect` refuse the endpoint without asking libzmq.
pub fn is_misread(endpoint: &str) -> bool {
    crate::endpoint::is_misread(endpoint)
}

/// The event that a message of a monitor tells.
pub fn monitor_event(frames: &[Vec<u8>]) -> Option<MonitorEvent> {
    MonitorEvent::parse(frames)
}
