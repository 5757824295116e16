//! Chapter 2: sockets and patterns.
#![cfg(unix)]

mod common;

use common::{bind, finish, ipc, line, lines, run, timed, Peer};

/// Tasks and weather, for a program that reads both.
fn reads_two_sockets(run: impl FnOnce(&str, &str) -> Peer) {
    let (context, tasks_at, weather_at) = (zmq::Context::new(), ipc(), ipc());
    let tasks = context.socket(zmq::Push).unwrap();
    bind(&tasks, &tasks_at);
    let weather = context.socket(zmq::XPub).unwrap();
    bind(&weather, &weather_at);
    let reader = run(&tasks_at, &weather_at);
    assert_eq!(weather.recv_bytes(0).unwrap(), b"\x0110001");
    for n in 1..=3 {
        tasks.send(n.to_string(), 0).unwrap();
        assert_eq!(line(&reader), format!("task: {n}"));
        weather.send("10002 80 20", 0).unwrap();
        weather.send(format!("10001 {n} 20"), 0).unwrap();
        assert_eq!(line(&reader), format!("weather: 10001 {n} 20"));
    }
}

#[test]
fn two_sockets_are_read_in_turn() {
    timed(|| reads_two_sockets(|tasks, weather| run!("msreader", tasks, weather)));
}

#[test]
fn two_sockets_are_polled() {
    timed(|| reads_two_sockets(|tasks, weather| run!("mspoller", tasks, weather)));
}

/// Two clients and two workers, which have a broker between them.
fn request_and_reply_by(run: impl FnOnce(&str, &str) -> Peer) {
    let (frontend, backend) = (ipc(), ipc());
    let clients: Vec<_> = (0..2).map(|_| run!("rrclient", &frontend)).collect();
    let workers: Vec<_> = (0..2).map(|_| run!("rrworker", &backend)).collect();
    let _broker = run(&frontend, &backend);
    let replies: Vec<_> = (1..=10)
        .map(|n| format!("received reply {n}: World"))
        .collect();
    for client in clients {
        assert_eq!(finish(client), replies);
    }
    let received: Vec<_> = workers.into_iter().flat_map(Peer::kill).collect();
    assert_eq!(received, [b"received Hello"; 20]);
}

#[test]
fn a_broker_of_request_and_reply() {
    timed(|| request_and_reply_by(|frontend, backend| run!("rrbroker", frontend, backend)));
}

#[test]
fn a_proxy_of_request_and_reply() {
    timed(|| request_and_reply_by(|frontend, backend| run!("msgqueue", frontend, backend)));
}

#[test]
fn a_proxy_of_weather_updates_asks_for_what_is_wanted() {
    timed(|| {
        let (context, outside, inside) = (zmq::Context::new(), ipc(), ipc());
        let publisher = context.socket(zmq::XPub).unwrap();
        bind(&publisher, &outside);
        let _proxy = run!("wuproxy", &outside, &inside);
        let client = run!("wuclient", &inside, "10001", "2");
        assert_eq!(publisher.recv_bytes(0).unwrap(), b"\x0110001");
        for update in ["10001 10 20", "10002 99 20", "10001 20 20"] {
            publisher.send(update, 0).unwrap();
        }
        let said = "average temperature for zip code 10001: 15.0 F";
        assert_eq!(finish(client), [said]);
        assert_eq!(publisher.recv_bytes(0).unwrap(), b"\x0010001");
    });
}

#[test]
fn the_sink_ends_all_workers() {
    timed(|| {
        let (ventilator, sink, controller) = (ipc(), ipc(), ipc());
        let workers: Vec<_> = (0..3)
            .map(|_| run!("taskwork2", &ventilator, &sink, &controller))
            .collect();
        let sinking = run!("tasksink2", &sink, &controller, "10");
        for worker in &workers {
            assert_eq!(line(worker), "ready");
        }
        let mut venting = run!("taskvent", &ventilator, &sink, "10");
        venting.type_line(b"");
        finish(venting);
        let said = finish(sinking);
        assert_eq!((said.len(), &said[9][..]), (11, "10 of 10 done"));
        let worked: Vec<_> = workers.into_iter().flat_map(finish).collect();
        assert_eq!(worked.len(), 10, "{worked:?}");
    });
}

#[test]
fn ctrl_c_ends_a_server_in_good_order() {
    timed(|| {
        let endpoint = ipc();
        let server = run!("interrupt", &endpoint);
        assert_eq!(line(&server), "Ctrl-C ends me");
        let replies = finish(run!("hwclient", &endpoint));
        assert_eq!(replies.last().unwrap(), "received reply 10: World");
        server.interrupt();
        assert_eq!(finish(server), ["interrupted"]);
    });
}

#[test]
fn a_server_of_several_threads() {
    timed(|| {
        let endpoint = ipc();
        let server = run!("mtserver", &endpoint);
        let clients: Vec<_> = (0..3).map(|_| run!("hwclient", &endpoint)).collect();
        for client in clients {
            let replies = finish(client);
            assert_eq!(replies.last().unwrap(), "received reply 10: World");
        }
        // The DEALER deals in turn: of 30 requests, each worker has had six.
        let received = lines(&server, 30);
        for n in 1..=5 {
            let said = format!("worker {n} received Hello");
            let count = received.iter().filter(|line| **line == said).count();
            assert_eq!(count, 6, "{received:?}");
        }
    });
}

#[test]
fn threads_signal_each_other() {
    timed(|| {
        let expected = [
            "step 1 is ready, and signals step 2",
            "step 2 is ready, and signals step 3",
            "step 3 has its signal: the relay works",
        ];
        assert_eq!(finish(run!("mtrelay")), expected);
    });
}

#[test]
fn who_is_waited_for_misses_nothing() {
    timed(|| {
        let (updates, sync) = (ipc(), ipc());
        let publisher = run!("syncpub", &updates, &sync, "3", "20000");
        assert_eq!(line(&publisher), "waiting for 3 subscribers");
        let subscribers: Vec<_> = (0..3).map(|_| run!("syncsub", &updates, &sync)).collect();
        for subscriber in subscribers {
            assert_eq!(finish(subscriber), ["received 20000 updates"]);
        }
        assert_eq!(finish(publisher), ["publishing 20000 updates"]);
    });
}

#[test]
fn a_subscriber_sees_its_envelopes_only() {
    timed(|| {
        let endpoint = ipc();
        let _publisher = run!("psenvpub", &endpoint, "10");
        let subscriber = run!("psenvsub", &endpoint);
        assert_eq!(lines(&subscriber, 5), ["[B] We would like to see this"; 5]);
    });
}

#[test]
fn high_water_marks_bound_what_waits() {
    timed(|| {
        let expected = [
            "PUB: 1000 sent, 150 received",
            "PUB: 1 more sent, 1 received",
            "PUSH: 150 sent, one more refused: true",
            "PUSH: 150 received",
        ];
        assert_eq!(finish(run!("hwm")), expected);
    });
}

#[test]
fn who_comes_back_has_missed_updates_but_not_tasks() {
    timed(|| {
        let expected = [
            "subscriber: update 1",
            "subscriber: update 3",
            "worker: task 1",
            "worker: task 2",
        ];
        assert_eq!(finish(run!("durability")), expected);
    });
}
