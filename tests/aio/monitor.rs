//! Monitors.

use futures_util::StreamExt;
use zmq::{Context, MonitorEventKind};

use crate::common::bind_tcp;
use crate::runtimes::everywhere;

#[test]
fn monitors_are_streams() {
    everywhere(|runtime| async move {
        let context = Context::new();
        let pull = context.socket(zmq::Pull).unwrap();
        let monitor = pull.monitor_socket(zmq::SocketEvent::ALL as i32).unwrap();
        let mut monitor = runtime.monitor(monitor);
        let endpoint = bind_tcp(&pull);
        let listening = monitor.recv().await.unwrap();
        assert!(matches!(listening.kind, MonitorEventKind::Listening { .. }));
        assert_eq!(listening.endpoint(), endpoint);
        let push = context.socket(zmq::Push).unwrap();
        push.connect(&endpoint).unwrap();
        let mut kinds = Vec::new();
        while !matches!(kinds.last(), Some(MonitorEventKind::HandshakeSucceeded)) {
            kinds.push(monitor.next().await.unwrap().unwrap().kind);
        }
        assert!(
            matches!(kinds[0], MonitorEventKind::Accepted { .. }),
            "{kinds:?}"
        );
        drop(pull);
        while let Some(event) = monitor.next().await {
            kinds.push(event.unwrap().kind);
        }
        let last = kinds.last().unwrap();
        assert!(
            matches!(last, MonitorEventKind::MonitorStopped),
            "{kinds:?}"
        );
    });
}
