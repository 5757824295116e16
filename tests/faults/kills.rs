//! A process is killed in the middle of its work, again and again; who talks to it goes
//! on, and every message is accounted for.

use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use crate::common::{timed_for, LIMIT};
use crate::ledger::Tally;
use crate::parts::{is_sender, Here, Part, There, MARK, ON_THE_WAY, WINDOW};
use crate::times;

/// Messages that pass before the next kill.
const TRAFFIC: u64 = 200;

/// An address of this machine that no other process uses, for what is to be bound to the
/// same one again.
fn endpoint() -> String {
    static PORT: AtomicU16 = AtomicU16::new(20_000);
    let [_, a, b, c] = std::process::id().to_be_bytes();
    let port = PORT.fetch_add(1, Ordering::Relaxed);
    format!("tcp://127.{}.{b}.{c}:{port}", a + 1)
}

/// Waits until `done`, by looking: what is waited for is done by another process.
pub fn until(what: &str, done: impl Fn() -> bool) {
    assert!(within(LIMIT / 2, done), "not in time: {what}");
}

/// Whether it is done in time.
fn within(time: Duration, done: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + time;
    while !done() {
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    true
}

/// Has `victim` killed under traffic with `survivor` some 20 times, then lets the last one
/// live until all is done; `check` gets the survivor's tally and those of the victims.
fn kill(victim: &'static str, survivor: &'static str, check: fn(&Tally, &[Tally])) {
    let rounds = times("ZMQ_TEST_ROUNDS", 20);
    let limit = LIMIT + Duration::from_secs(5 * rounds);
    timed_for(limit, move || {
        let part = |name, who| Part {
            name,
            endpoint: String::new(),
            who,
            pings: false,
        };
        let endpoint = endpoint();
        let on = |part: Part| Part {
            endpoint: endpoint.clone(),
            ..part
        };
        let here = Here::start(on(part(survivor, 0)));
        let (mut victims, mut refused) = (Vec::new(), 0);
        let last = loop {
            let there = There::start(&on(part(victim, victims.len() as u64)));
            let passes = || {
                here.check();
                let tally = there.tally();
                // What is on its way from a publisher that is killed may all be lost, to a
                // subscriber that has not come to read any of it.
                let is_heard = survivor != "sub" || here.tally().records.len() > victims.len();
                is_heard && tally.sent.max(tally.received()) >= TRAFFIC
            };
            // A PAIR that has not noticed yet that its peer is gone takes no other one,
            // and leaves it connected to nobody.
            if survivor == "pair" && !within(Duration::from_secs(2), passes) {
                refused += 1;
            } else {
                until("traffic", passes);
                if victims.len() as u64 >= rounds + refused {
                    break there;
                }
            }
            victims.push(there.kill());
        };
        let survived;
        if is_sender(victim) {
            let sender = last.end();
            if survivor == "pull" {
                until("the last message", || here.tally().has_last_of(&sender));
            }
            victims.push(sender);
            survived = here.end();
        } else {
            survived = here.end();
            if victim == "pull" {
                until("the last message", || last.tally().has_last_of(&survived));
            }
            victims.push(last.end());
        }
        println!(
            "{victim} killed {rounds} times, refused {refused}: it sent {}, received {}; \
             {survivor} sent {}, received {}, missed {}, unanswered {}",
            victims.iter().map(|victim| victim.sent).sum::<u64>(),
            victims.iter().map(Tally::received).sum::<u64>(),
            survived.sent,
            survived.received(),
            survived.missed(),
            survived.unanswered,
        );
        check(&survived, &victims);
    });
}

/// Each sender's messages have come from the first on, without a gap, and what has not
/// come of the one that was killed is no more than may have been under way.
#[test]
fn a_push_that_is_killed() {
    kill("push", "pull", |pull, pushes| {
        for (push, record) in pushes.iter().zip(&pull.records) {
            assert_eq!((record.first, record.missed()), (0, 0));
            // One may have been sent and not yet be in the ledger.
            let lost = push.sent.saturating_sub(record.count);
            assert!(lost <= ON_THE_WAY + MARK as u64, "{lost} lost");
        }
        let last = pushes.len() - 1;
        assert_eq!(pull.records[last].count, pushes[last].sent);
    });
}

/// The queue is kept for the next one, to the last message.
#[test]
fn a_pull_that_is_killed() {
    kill("pull", "push", |push, pulls| {
        let mut next = 0;
        for pull in pulls {
            let [record] = pull.records[..] else {
                panic!("{pull:?}")
            };
            assert!(record.first >= next, "{} came twice", record.first);
            let lost = record.first - next;
            assert!(lost <= ON_THE_WAY, "{lost} lost");
            assert_eq!(record.missed(), 0);
            next = record.last + 1;
        }
        assert_eq!(push.sent, next);
    });
}

#[test]
fn a_publisher_that_is_killed() {
    kill("xpub", "sub", |sub, publishers| {
        assert_eq!(sub.records.len(), publishers.len());
        for (publisher, record) in publishers.iter().zip(&sub.records) {
            assert!(record.count > 0 && record.last <= publisher.sent + 20);
        }
    });
}

#[test]
fn a_subscriber_that_is_killed() {
    kill("sub", "xpub", |publisher, subs| {
        let mut next = 0;
        for sub in subs {
            let [record] = sub.records[..] else {
                panic!("{sub:?}")
            };
            assert!(record.first >= next, "{} came twice", record.first);
            next = record.last + 1;
        }
        assert!(next <= publisher.sent);
    });
}

/// Every request is answered once.
#[test]
fn a_rep_that_is_killed() {
    kill("rep", "req", |req, _| {
        assert_eq!((req.received(), req.missed()), (req.sent, 0));
        assert_eq!(req.records[0].first, 0);
    });
}

#[test]
fn a_req_that_is_killed() {
    kill("req", "rep", |rep, reqs| {
        for (req, asked) in reqs.iter().zip(&rep.records) {
            assert_eq!((asked.first, asked.missed()), (0, 0));
            // The one that was killed may have been waiting for an answer, or about to note
            // in its ledger that it has it.
            assert!((req.sent..=req.sent + 1).contains(&req.received()));
            assert!((req.received()..=req.received() + 1).contains(&asked.count));
        }
    });
}

/// Nothing is answered twice, and all but what was under way at a kill is answered.
fn asked_by_survivor(asking: &Tally, answering: &[Tally]) {
    let kills = answering.len() - 1;
    assert_eq!(asking.received() + asking.unanswered, asking.sent);
    // Also one may break that is made while its peer dies.
    assert!(
        asking.unanswered <= asking.broken * WINDOW as u64,
        "{asking:?}"
    );
    let heard: u64 = answering.iter().map(Tally::received).sum();
    // One may have been received and not yet be in the ledger.
    assert!(asking.received() <= heard + kills as u64 && heard <= asking.sent);
}

fn asked_by_victims(answering: &Tally, asking: &[Tally]) {
    for (asking, asked) in asking.iter().zip(&answering.records) {
        assert!(asked.count + 1 >= asking.received(), "{asking:?} {asked:?}");
        assert!(asking.unanswered <= asking.sent - asking.received() + 1);
    }
    let last = asking.last().unwrap();
    assert_eq!(last.received() + last.unanswered, last.sent);
    assert!(last.unanswered <= last.broken * WINDOW as u64);
}

#[test]
fn a_router_that_is_killed() {
    kill("router", "dealer", asked_by_survivor);
}

#[test]
fn a_dealer_that_is_killed() {
    kill("dealer", "router", asked_by_victims);
}

#[test]
fn a_pair_that_answers_is_killed() {
    kill("pair", "asking-pair", asked_by_survivor);
}

#[test]
fn a_pair_that_asks_is_killed() {
    kill("asking-pair", "pair", asked_by_victims);
}
