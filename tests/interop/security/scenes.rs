//! The table of what happens at a door.

use zmq::auth::Reason;
use zmq::{CurveKeyPair, Mechanism, ZapStatus};

use super::{at_lunch, Caller, Keeper, Order, Pass, Refusal, Scene, Step, Wall, HERE, THERE};
use Keeper::{Asyncio, Rust, Thread, C};
use Order::{Admit, Allow, Answer, Deny, Start, Stop};
use Step::{Again, LetIn, Returns, Stays, Told};

const ALL: &[Keeper] = &[Rust, Thread, Asyncio, C];

/// How long those wait who are told to come later, in milliseconds: as long as a
/// handshake may take, and long enough for one.
const SOON: i32 = 1500;

/// Whom the doors of one mechanism are for.
struct Cast {
    wall: Wall,
    friend: Pass,
    /// Who has the like to show, and what is said of it.
    strangers: Vec<(Pass, Reason)>,
}

/// All scenes. Those with CURVE are left out where libzmq has none.
pub fn scenes() -> Vec<Scene> {
    let null = Cast {
        wall: wall(Mechanism::ZMQ_NULL, None),
        friend: Pass::Null,
        strangers: Vec::new(),
    };
    let plain = Cast {
        wall: wall(Mechanism::ZMQ_PLAIN, None),
        friend: user("alice", "secret"),
        strangers: vec![
            (user("alice", "guess"), Reason::InvalidPassword),
            (user("mallory", "secret"), Reason::InvalidUsername),
        ],
    };
    let mut casts = vec![null, plain];
    let mut lost = None;
    if zmq::has("curve") == Some(true) {
        let [keys, friend, stranger] = [(); 3].map(|_| CurveKeyPair::new().unwrap());
        let pass = |keys: &CurveKeyPair, server: &CurveKeyPair| Pass::Curve {
            keys: keys.clone(),
            server: server.public_key,
        };
        lost = Some(pass(&friend, &stranger));
        casts.push(Cast {
            friend: pass(&friend, &keys),
            strangers: vec![(pass(&stranger, &keys), Reason::UnknownKey)],
            wall: wall(Mechanism::ZMQ_CURVE, Some(keys)),
        });
    } else {
        println!("skipped: CURVE, which this libzmq is built without");
    }

    let mut scenes = vec![a_break(&casts[0])];
    for cast in &casts {
        scenes.push(who_is_known(cast, &casts, lost.as_ref()));
        if cfg!(target_os = "linux") {
            scenes.extend(addresses(cast));
        }
        if let Some((stranger, reason)) = cast.strangers.last() {
            scenes.push(changes(cast, stranger, reason));
            scenes.extend(domains(cast, stranger, reason));
        }
        scenes.extend(statuses(cast));
    }
    scenes
}

fn wall(mechanism: Mechanism, keys: Option<CurveKeyPair>) -> Wall {
    Wall {
        mechanism,
        domain: "",
        keys,
        patience: 30_000, // the default
    }
}

fn user(username: &'static str, password: &'static str) -> Pass {
    Pass::Plain { username, password }
}

impl Cast {
    fn friend(&self) -> Pass {
        self.friend.clone()
    }

    /// A scene at its wall, which has this domain.
    fn scene(
        &self,
        shows: &'static str,
        domain: &'static str,
        keepers: &'static [Keeper],
        steps: Vec<Step>,
    ) -> Scene {
        let wall = Wall {
            domain,
            ..self.wall.clone()
        };
        Scene {
            shows,
            keepers,
            wall,
            steps,
        }
    }
}

fn admit(domain: &'static str, pass: &Pass) -> Step {
    Told(Admit(domain, pass.clone()))
}

fn let_in(pass: &Pass) -> Step {
    LetIn(Caller(pass.clone(), HERE))
}

fn refused(pass: &Pass, refusal: Refusal) -> Step {
    Step::Refused(Caller(pass.clone(), HERE), refusal)
}

fn denied(pass: &Pass, reason: &Reason) -> Step {
    refused(pass, Refusal::Authenticator(reason.clone()))
}

/// The right and the wrong pass, and those of other mechanisms. `lost` has the right
/// one for CURVE, and talks to another server.
fn who_is_known(cast: &Cast, casts: &[Cast], lost: Option<&Pass>) -> Scene {
    let mut steps = vec![admit("*", &cast.friend)];
    for (stranger, reason) in &cast.strangers {
        steps.push(denied(stranger, reason));
    }
    let others = casts
        .iter()
        .filter(|o| o.wall.mechanism != cast.wall.mechanism);
    steps.extend(others.map(|other| refused(&other.friend, Refusal::Mismatch)));
    if let (Mechanism::ZMQ_CURVE, Some(lost)) = (cast.wall.mechanism, lost) {
        steps.push(refused(lost, Refusal::WrongServerKey));
    }
    steps.push(let_in(&cast.friend));
    cast.scene("who is known comes in", "", ALL, steps)
}

/// Who comes from the wrong address is kept out, with the right pass.
fn addresses(cast: &Cast) -> Vec<Scene> {
    let scene = |shows, orders: &[Order], reason: Reason| {
        let mut steps = vec![admit("interop", &cast.friend)];
        steps.extend(orders.iter().cloned().map(Told));
        steps.push(denied(&cast.friend, &reason));
        steps.push(LetIn(Caller(cast.friend(), THERE)));
        cast.scene(shows, "interop", ALL, steps)
    };
    vec![
        scene("a denied address", &[Deny(HERE)], Reason::AddressDenied),
        scene(
            "an address that is not among those allowed",
            &[Allow("10.0.0.1"), Allow(THERE)],
            Reason::AddressNotAllowed,
        ),
    ]
}

/// What an authenticator is told holds for whoever connects from then on.
fn changes(cast: &Cast, stranger: &Pass, reason: &Reason) -> Scene {
    let steps = vec![
        admit("*", &cast.friend),
        denied(stranger, reason),
        admit("*", stranger),
        Again,
        admit("*", &cast.friend),
        Stays,
        denied(stranger, reason),
        let_in(&cast.friend),
    ];
    cast.scene("a change of mind", "", ALL, steps)
}

/// Which domains a policy is for.
fn domains(cast: &Cast, stranger: &Pass, reason: &Reason) -> Vec<Scene> {
    let unknown = |domain| {
        vec![
            admit(domain, &cast.friend),
            denied(&cast.friend, &Reason::UnknownDomain),
            admit("interop", &cast.friend),
            Again,
        ]
    };
    let any = vec![
        admit("*", &cast.friend),
        let_in(&cast.friend),
        admit("interop", stranger),
        denied(&cast.friend, reason),
        let_in(stranger),
    ];
    vec![
        cast.scene(
            "a policy for elsewhere",
            "interop",
            ALL,
            unknown("elsewhere"),
        ),
        cast.scene("'*' is for all that have none", "interop", &[Rust, C], any),
        cast.scene(
            "pyzmq's '*' is for sockets without a domain",
            "interop",
            &[Thread, Asyncio],
            unknown("*"),
        ),
    ]
}

/// Answers other than yes and no, which pyzmq does not give, nor this crate to who
/// shows nothing. Who is told to come later is not told anything at all: it waits for
/// as long as a handshake may take, and tries again.
fn statuses(cast: &Cast) -> [Scene; 2] {
    let is_null = matches!(cast.friend, Pass::Null);
    let keepers = if is_null { &[C][..] } else { &[Rust, C] };
    let scene = |shows, status, reason, then: Vec<Step>| {
        let mut steps = vec![Told(Answer(status)), denied(&cast.friend, &reason)];
        steps.extend(then);
        cast.scene(shows, "interop", keepers, steps)
    };
    let admit = || admit("interop", &cast.friend);
    // Without a mechanism, libzmq's client may return before it is told to.
    let again = match is_null {
        true => Vec::new(),
        false => vec![admit(), Again],
    };
    let broken = Reason::FunctionPanicked;
    let mut lunch = scene(
        "lunch",
        ZapStatus::TemporaryError,
        at_lunch(),
        vec![admit(), Returns],
    );
    lunch.wall.patience = SOON;
    [
        scene("an error", ZapStatus::InternalError, broken, again),
        lunch,
    ]
}

/// While there is no authenticator, nobody comes in, and another finds those who
/// wait. Who has something to show might be refused before the other knows it.
fn a_break(null: &Cast) -> Scene {
    let steps = vec![
        Told(Stop),
        refused(&null.friend, Refusal::Stopped),
        Told(Start),
        Returns,
    ];
    let mut scene = null.scene("a break", "interop", &[Rust], steps);
    scene.wall.patience = SOON;
    scene
}
