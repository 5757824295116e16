//! Chapter 1: basics.
#![cfg(unix)]

mod common;

use common::{bind, finish, ipc, line, lines, run, timed, LIMIT};

#[test]
fn version() {
    timed(|| {
        let (major, minor, patch) = zmq::version();
        assert_eq!(
            finish(run!("version")),
            [format!("libzmq {major}.{minor}.{patch}")]
        );
    });
}

#[test]
fn hello_world() {
    timed(|| {
        let endpoint = ipc();
        let client = run!("hwclient", &endpoint);
        let server = run!("hwserver", &endpoint);
        let expected: Vec<_> = (1..=10)
            .flat_map(|n| {
                [
                    format!("sending request {n}"),
                    format!("received reply {n}: World"),
                ]
            })
            .collect();
        assert_eq!(finish(client), expected);
        assert_eq!(lines(&server, 10), ["received Hello"; 10]);
    });
}

#[test]
fn a_wrong_argument_is_said() {
    timed(|| {
        let end = run!("hwserver", "tcp//no-colon").end();
        assert_eq!(end.errors, ["Error: EINVAL: Invalid argument"]);
        assert_eq!(end.status, Some(1));
        let end = run!("wuclient", ipc(), "10001", "many").end();
        let said = "Error: \"argument 3 is \\\"many\\\": invalid digit found in string\"";
        assert_eq!((end.status, end.errors), (Some(1), vec![said.into()]));
    });
}

#[test]
fn weather_updates_that_the_client_did_not_ask_for_do_not_count() {
    timed(|| {
        let (context, endpoint) = (zmq::Context::new(), ipc());
        let publisher = context.socket(zmq::XPub).unwrap();
        bind(&publisher, &endpoint);
        let client = run!("wuclient", &endpoint, "10001", "3");
        assert_eq!(publisher.recv_bytes(0).unwrap(), b"\x0110001");
        for update in [
            "10001 -10 20",
            "10002 99 20",
            "10001 20 20",
            "00001 99 20",
            "10001 80 20",
        ] {
            publisher.send(update, 0).unwrap();
        }
        let said = "average temperature for zip code 10001: 30.0 F";
        assert_eq!(finish(client), [said]);
    });
}

#[test]
fn weather_updates() {
    timed(|| {
        let endpoint = ipc();
        let _server = run!("wuserver", &endpoint);
        let client = run!("wuclient", &endpoint, "12", "50");

        let subscriber = zmq::Context::new().socket(zmq::Sub).unwrap();
        subscriber.set_rcvtimeo(LIMIT.as_millis() as i32).unwrap();
        subscriber.set_subscribe(b"1234").unwrap();
        subscriber.connect(&endpoint).unwrap();
        let update = subscriber.recv_string(0).unwrap().unwrap();
        let numbers: Vec<i32> = update.split(' ').map(|n| n.parse().unwrap()).collect();
        let [zip_code, temperature, humidity] = numbers[..] else {
            panic!("{update}")
        };
        assert!((12340..12350).contains(&zip_code), "{update}");
        assert!((-80..135).contains(&temperature), "{update}");
        assert!((10..60).contains(&humidity), "{update}");

        let said = finish(client).join("\n");
        let average = said.strip_prefix("average temperature for zip code 12: ");
        let average = average.and_then(|said| said.strip_suffix(" F"));
        let average: f64 = average.unwrap_or_else(|| panic!("{said}")).parse().unwrap();
        assert!((-80.0..135.0).contains(&average), "{said}");
    });
}

#[test]
fn tasks_are_shared_by_workers() {
    timed(|| {
        let (ventilator, sink) = (ipc(), ipc());
        let workers: Vec<_> = (0..2)
            .map(|_| run!("taskwork", &ventilator, &sink))
            .collect();
        let sinking = run!("tasksink", &sink, "20");
        let mut venting = run!("taskvent", &ventilator, &sink, "20");
        assert_eq!(line(&venting), "press Enter when the workers are ready");
        venting.type_line(b"");
        let total = finish(venting).join("\n");

        let mut said = finish(sinking);
        let elapsed = said.pop().unwrap();
        let elapsed = elapsed.strip_prefix("total elapsed time: ").unwrap();
        let elapsed = elapsed.strip_suffix(" ms").unwrap();
        elapsed.parse::<u64>().unwrap();
        let done: Vec<_> = (1..=20).map(|n| format!("{n} of 20 done")).collect();
        assert_eq!(said, done);

        // Which of the workers has what depends on who was there first; nothing is lost,
        // and nothing is there twice.
        let worked: Vec<u64> = workers
            .into_iter()
            .flat_map(|worker| worker.kill())
            .map(|line| String::from_utf8(line).unwrap())
            .map(|line| line.split(' ').nth(2).unwrap().parse().unwrap())
            .collect();
        assert_eq!(worked.len(), 20);
        let sum = worked.iter().sum::<u64>();
        assert_eq!(total, format!("total expected cost: {sum} ms"));
    });
}
