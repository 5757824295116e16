//! Timers: when they run, in which order, and what they may do meanwhile.

mod common;

use std::cell::{Cell, RefCell};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::rc::Rc;
use std::time::{Duration, Instant};

use common::{inproc, timed};
use zmq::{Context, Error, Pair, TimerId, Timers, POLLIN};

const HOUR: Duration = Duration::from_secs(3600);

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Waits until the next timer is due, and runs what is.
fn turn(timers: &mut Timers<'_>) -> usize {
    let timeout = timers.timeout().expect("there are timers");
    zmq::poll(&mut [], timeout.as_millis() as i64).unwrap();
    timers.execute().unwrap()
}

fn run_while(timers: &mut Timers<'_>, go_on: impl Fn() -> bool) {
    while go_on() {
        turn(timers);
    }
}

/// Lets time pass, which is what timers are about.
fn pass(milliseconds: i64) {
    zmq::poll(&mut [], milliseconds).unwrap();
}

#[test]
fn timers_run_in_the_order_of_their_time() {
    timed(|| {
        let order = RefCell::new(Vec::new());
        let mut timers = Timers::new();
        // However slow this machine is: each is due later than the one before.
        let last = timers
            .add(HOUR, |timers, id| {
                order.borrow_mut().push('d');
                timers.cancel(id).unwrap();
            })
            .unwrap();
        for (delay, name) in [(10, 'a'), (20, 'b'), (30, 'c')] {
            let order = &order;
            timers
                .add_once(ms(delay), move |_| order.borrow_mut().push(name))
                .unwrap();
        }
        timers.set_interval(last, ms(40)).unwrap();
        run_while(&mut timers, || order.borrow().len() < 4);
        assert_eq!(*order.borrow(), ['a', 'b', 'c', 'd']);
        assert_eq!(timers.timeout(), None);
        assert_eq!(timers.execute(), Ok(0));
    });
}

#[test]
fn a_timer_repeats_until_it_is_cancelled() {
    timed(|| {
        let count = Cell::new(0);
        let mut timers = Timers::new();
        let begin = Instant::now();
        let id = timers
            .add(ms(10), |_, _| count.set(count.get() + 1))
            .unwrap();
        run_while(&mut timers, || count.get() < 5);
        // Each may be early by less than 2 ms.
        assert!(begin.elapsed() >= ms(5 * 8), "{:?}", begin.elapsed());

        assert_eq!(timers.cancel(id), Ok(()));
        assert_eq!(timers.timeout(), None);
        pass(20);
        assert_eq!(timers.execute(), Ok(0));
        assert_eq!(count.get(), 5);
        assert_eq!(timers.cancel(id), Err(Error::EINVAL));
        assert_eq!(timers.reset(id), Err(Error::EINVAL));
        assert_eq!(timers.set_interval(id, ms(1)), Err(Error::EINVAL));
    });
}

#[test]
fn a_late_timer_runs_once() {
    timed(|| {
        let count = Cell::new(0);
        let mut timers = Timers::new();
        timers
            .add(ms(2), |_, _| count.set(count.get() + 1))
            .unwrap();
        pass(30);
        assert_eq!(timers.timeout(), Some(Duration::ZERO));
        assert_eq!(timers.execute(), Ok(1));
        assert_eq!(count.get(), 1);
    });
}

#[test]
fn reset_begins_anew() {
    timed(|| {
        let order = RefCell::new(Vec::new());
        let mut timers = Timers::new();
        let early = timers
            .add_once(ms(40), |_| order.borrow_mut().push("was first"))
            .unwrap();
        timers
            .add_once(ms(60), |_| order.borrow_mut().push("was second"))
            .unwrap();
        pass(30);
        timers.reset(early).unwrap();
        run_while(&mut timers, || order.borrow().len() < 2);
        assert_eq!(*order.borrow(), ["was second", "was first"]);
    });
}

#[test]
fn an_interval_can_be_changed() {
    timed(|| {
        let count = Cell::new(0);
        let mut timers = Timers::new();
        let id = timers.add(HOUR, |_, _| count.set(count.get() + 1)).unwrap();
        let timeout = timers.timeout().unwrap();
        assert!(timeout > HOUR / 2 && timeout <= HOUR, "{timeout:?}");
        timers.set_interval(id, ms(5)).unwrap();
        assert!(timers.timeout().unwrap() <= ms(5));
        run_while(&mut timers, || count.get() < 3);
        timers.set_interval(id, HOUR).unwrap();
        assert!(timers.timeout().unwrap() > HOUR / 2);
    });
}

#[test]
fn timeouts_are_what_poll_waits_for() {
    timed(|| {
        let context = Context::new();
        let (one, two) = (context.socket(Pair).unwrap(), context.socket(Pair).unwrap());
        let endpoint = inproc();
        one.bind(&endpoint).unwrap();
        two.connect(&endpoint).unwrap();

        // Each tick sends a message, which poll tells of.
        let ticks = Cell::new(0);
        let mut timers = Timers::new();
        timers
            .add(ms(5), |timers, id| {
                one.send(ticks.get().to_string(), 0).unwrap();
                ticks.set(ticks.get() + 1);
                if ticks.get() == 3 {
                    timers.cancel(id).unwrap();
                }
            })
            .unwrap();
        let mut received = Vec::new();
        while received.len() < 3 {
            let timeout = timers.timeout().map_or(-1, |t| t.as_millis() as i64);
            if two.poll(POLLIN, timeout).unwrap() == 1 {
                received.push(two.recv_string(0).unwrap().unwrap());
            }
            timers.execute().unwrap();
        }
        assert_eq!(received, ["0", "1", "2"]);
        assert_eq!(timers.timeout(), None);
    });
}

#[test]
fn actions_change_the_timers() {
    timed(|| {
        let order = RefCell::new(Vec::new());
        let note = |what| order.borrow_mut().push(what);
        let ids = RefCell::new(Vec::<TimerId>::new());
        let mut timers = Timers::new();
        // All are due in the same turn, after the first.
        timers
            .add(ms(1), |timers, id| {
                note("first");
                let ids = ids.borrow();
                timers.cancel(ids[0]).unwrap();
                timers.reset(ids[1]).unwrap();
                timers.set_interval(ids[2], HOUR).unwrap();
                // And itself, each way.
                timers.reset(id).unwrap();
                timers.set_interval(id, HOUR).unwrap();
                timers.cancel(id).unwrap();
                assert_eq!(timers.cancel(id), Err(Error::EINVAL));
                timers.add_once(ms(1), |_| note("new")).unwrap();
                assert_eq!(timers.timeout(), Some(Duration::ZERO), "one is due");
            })
            .unwrap();
        for what in ["cancelled", "anew", "slow"] {
            let id = timers.add_once(ms(2), move |_| note(what)).unwrap();
            ids.borrow_mut().push(id);
        }
        timers.add_once(ms(3), |_| note("last")).unwrap();
        pass(20);
        assert_eq!(timers.execute(), Ok(2));
        assert_eq!(*order.borrow(), ["first", "last"]);
        run_while(&mut timers, || order.borrow().len() < 4);
        let mut rest = order.borrow()[2..].to_vec();
        rest.sort();
        assert_eq!(rest, ["anew", "new"]);
        // What is left is the slow one.
        assert!(timers.timeout().unwrap() > HOUR / 2);
    });
}

#[test]
fn actions_may_execute() {
    timed(|| {
        let (depth, seen) = (&Cell::new(0), &RefCell::new(Vec::new()));
        let mut timers = Timers::new();
        for name in ["a", "b"] {
            timers
                .add(ms(1), move |timers, _| {
                    depth.set(depth.get() + 1);
                    seen.borrow_mut().push((name, depth.get()));
                    if name == "a" {
                        // The other one, but not itself within itself.
                        pass(5);
                        timers.execute().unwrap();
                    }
                    depth.set(depth.get() - 1);
                })
                .unwrap();
        }
        pass(10);
        assert_eq!(timers.execute(), Ok(1));
        // "b" was due twice: in this turn, and in the one within.
        let seen = seen.borrow();
        assert_eq!(seen[..2], [("a", 1), ("b", 2)]);
        assert!(seen.iter().filter(|(name, _)| *name == "a").count() == 1);
    });
}

#[test]
fn timers_may_be_replaced_by_an_action() {
    timed(|| {
        let order = RefCell::new(Vec::new());
        let mut timers = Timers::new();
        let old = timers
            .add(ms(1), |timers, _| {
                order.borrow_mut().push("old");
                *timers = Timers::new();
                timers
                    .add_once(ms(1), |_| order.borrow_mut().push("new"))
                    .unwrap();
            })
            .unwrap();
        timers
            .add(ms(1), |_, _| unreachable!("it is gone"))
            .unwrap();
        run_while(&mut timers, || order.borrow().len() < 2);
        assert_eq!(*order.borrow(), ["old", "new"]);
        assert_eq!(timers.cancel(old), Err(Error::EINVAL));
    });
}

#[test]
fn the_ids_of_others_are_refused() {
    let (mut one, mut other) = (Timers::new(), Timers::new());
    let id = one.add(HOUR, |_, _| {}).unwrap();
    let its = other.add(HOUR, |_, _| {}).unwrap();
    assert_ne!(id, its);
    assert_eq!(one.cancel(its), Err(Error::EINVAL));
    assert_eq!(one.reset(its), Err(Error::EINVAL));
    assert_eq!(one.set_interval(its, ms(1)), Err(Error::EINVAL));
    assert_eq!(other.cancel(its), Ok(()));
    assert_eq!(one.cancel(id), Ok(()));
}

#[test]
fn intervals_are_whole_milliseconds() {
    timed(|| {
        let mut timers = Timers::new();
        let most = ms(i32::MAX as u64);
        let id = timers.add(most, |_, _| {}).unwrap();
        assert!(timers.timeout().unwrap() > most - HOUR);
        for too_long in [
            most + Duration::from_nanos(1),
            HOUR * 24 * 25,
            Duration::MAX,
        ] {
            assert_eq!(timers.add(too_long, |_, _| {}), Err(Error::EINVAL));
            assert_eq!(timers.set_interval(id, too_long), Err(Error::EINVAL));
        }
        timers.cancel(id).unwrap();

        // Rounded up: a tenth of a millisecond is one, and so is nothing, which
        // libzmq would run for ever.
        let id = timers
            .add(Duration::from_micros(10_100), |_, _| {})
            .unwrap();
        assert!(timers.timeout().unwrap() <= ms(11));
        timers.cancel(id).unwrap();
        let count = Cell::new(0);
        let mut timers = Timers::new();
        timers
            .add(Duration::ZERO, |_, _| count.set(count.get() + 1))
            .unwrap();
        pass(5);
        assert_eq!(timers.execute(), Ok(1));
        run_while(&mut timers, || count.get() < 3);
    });
}

#[test]
fn a_panic_reaches_who_executes() {
    timed(|| {
        let order = RefCell::new(Vec::new());
        let mut timers = Timers::new();
        timers
            .add(ms(1), |_, _| {
                order.borrow_mut().push("before");
                if order.borrow().len() == 1 {
                    panic!("on purpose");
                }
            })
            .unwrap();
        timers
            .add_once(ms(2), |_| order.borrow_mut().push("after"))
            .unwrap();
        pass(20);
        let panic = catch_unwind(AssertUnwindSafe(|| timers.execute())).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"on purpose"));
        assert_eq!(*order.borrow(), ["before"]);
        // The other is still due, and the first one goes on.
        assert_eq!(timers.timeout(), Some(Duration::ZERO));
        run_while(&mut timers, || order.borrow().len() < 3);
        assert_eq!(order.borrow()[1], "after");
        assert_eq!(order.borrow()[2], "before");
    });
}

#[test]
fn actions_are_dropped_when_they_are_done() {
    timed(|| {
        let held = Rc::new(());
        let mut timers = Timers::new();
        let hold = || {
            let held = Rc::clone(&held);
            move |_: &mut Timers<'_>| drop(Rc::clone(&held))
        };
        let id = timers.add_once(HOUR, hold()).unwrap();
        timers.add_once(HOUR, hold()).unwrap();
        timers.add_once(ms(1), hold()).unwrap();
        let refused = timers.add_once(HOUR * 1000, hold());
        assert_eq!(refused, Err(Error::EINVAL));
        assert_eq!(Rc::strong_count(&held), 4);
        timers.cancel(id).unwrap();
        assert_eq!(Rc::strong_count(&held), 3);
        while turn(&mut timers) == 0 {}
        assert_eq!(Rc::strong_count(&held), 2);
        drop(timers);
        assert_eq!(Rc::strong_count(&held), 1);
    });
}

#[test]
fn many_timers_come_and_go() {
    timed(|| {
        let count = Cell::new(0);
        let mut timers = Timers::default();
        for _ in 0..10 {
            let ids: Vec<_> = (0..100)
                .map(|i| {
                    timers
                        .add(ms(1 + i % 3), |_, _| count.set(count.get() + 1))
                        .unwrap()
                })
                .collect();
            assert_eq!(format!("{timers:?}"), "Timers(100)");
            pass(5);
            assert_eq!(timers.execute(), Ok(100));
            for id in ids {
                timers.cancel(id).unwrap();
            }
            assert_eq!(timers.timeout(), None);
        }
        assert_eq!(count.get(), 1000);
    });
}
