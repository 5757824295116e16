//! Who answers libzmq's questions: a thread that belongs to a context.
//!
//! libzmq asks whoever is bound to `inproc://zeromq.zap.01`, and if nobody is, lets
//! most peers in. So the first authenticator of a context binds a socket there that
//! stays until the context ends, and a thread of its own that answers: by the policy
//! of the authenticator, and "not now" while there is none.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use super::decision::Reason;
use super::function::Function;
use super::policy::{decision, Ask, Judgement, Pass, Policy};
use super::request::Request;
use crate::context::Context;
use crate::error::Error;
use crate::kind::{Kind, Rep};
use crate::multipart::Multipart;
use crate::panics::attempt;
use crate::raw::Stopping;
use crate::socket::Socket;
use crate::traps::ZAP_HANDLER;

/// How many functions are asked about one peer, should each be replaced meanwhile.
const MOST_FUNCTIONS: usize = 10;

/// What the thread and the authenticator share.
pub(crate) struct Door {
    state: Mutex<State>,
    /// Told when the thread is done with a question.
    done: Condvar,
    /// The process that the thread is in.
    process: u32,
}

struct State {
    /// That of the authenticator; none if it has stopped.
    policy: Option<Policy>,
    /// The thread, as long as it answers.
    keeper: Option<ThreadId>,
    /// The question that is being answered, and how many there were.
    question: Option<u64>,
    questions: u64,
}

impl State {
    /// Whether the thread itself asks, from within a function of the user's.
    fn is_keeper(&self) -> bool {
        self.keeper == Some(thread::current().id())
    }
}

impl Door {
    /// The context's door, with an empty policy; `EADDRINUSE` if an authenticator
    /// has it, or somebody else is bound there.
    pub(super) fn open(context: &Context) -> crate::Result<Arc<Door>> {
        let mut place = context.raw().door();
        // Ends with the context, and does not keep it from ending.
        let (socket, stopping) = context.raw().servant(Rep.socket_type())?;
        if let Some(door) = &*place {
            let mut state = door.state();
            if state.policy.is_some() {
                return Err(Error::EADDRINUSE);
            }
            state.policy = Some(Policy::default());
            return Ok(Arc::clone(door));
        }
        let socket = Socket::<Rep>::new(socket);
        socket.set_linger(0)?;
        socket.bind(ZAP_HANDLER)?;
        let door = Arc::new(Door {
            state: Mutex::new(State {
                policy: Some(Policy::default()),
                keeper: None,
                question: None,
                questions: 0,
            }),
            done: Condvar::new(),
            process: std::process::id(),
        });
        let keeper = Arc::clone(&door);
        let mut state = door.state();
        let thread = thread::Builder::new()
            .name("zmq-auth".into())
            .spawn(move || keeper.keep(&socket, &stopping))
            .map_err(|e| Error::from_raw(e.raw_os_error().unwrap_or(Error::EAGAIN.to_raw())))?;
        state.keeper = Some(thread.thread().id());
        drop(state);
        *place = Some(Arc::clone(&door));
        Ok(door)
    }

    /// Locks even if a holder panicked: nothing is left half changed.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works with the policy, if there is one.
    fn with<T>(&self, work: impl FnOnce(&mut Policy) -> T) -> Option<T> {
        self.state().policy.as_mut().map(work)
    }

    /// Changes the policy, and drops what `change` returns: what was replaced, which
    /// may be functions of the user's.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Policy) -> T) {
        drop(self.with(change));
    }

    /// Ends the policy: nobody is let in by it once this has returned, and none of
    /// its functions runs, unless one of them it is that calls this.
    pub(super) fn close(&self) {
        // A forked child has a copy of the state, and not the thread.
        if self.process != std::process::id() {
            return;
        }
        let mut state = self.state();
        let policy = state.policy.take();
        let question = state.question.filter(|_| !state.is_keeper());
        while question.is_some() && state.question == question {
            state = self
                .done
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        drop(state);
        drop(policy);
    }

    /// Whether it is the thread that calls this, which the context's end waits for.
    pub(crate) fn is_here(&self) -> bool {
        self.state().is_keeper()
    }

    /// The thread.
    fn keep(&self, socket: &Socket<Rep>, stopping: &Stopping) {
        loop {
            let request = match socket.recv_frames(0) {
                Ok(frames) => Request::read(frames),
                Err(Error::ETERM) => break,
                Err(_) => continue,
            };
            {
                let mut state = self.state();
                state.questions += 1;
                state.question = Some(state.questions);
            }
            // Were this thread to end, libzmq would let peers in.
            let judged = attempt(|| self.decide(&request)).unwrap_or(Err(Reason::FunctionPanicked));
            let properties = judged.as_ref().map_or(&[][..], |pass| &pass.properties);
            let answer = request.answer(&decision(&request, &judged), properties);
            // If who asked has gone, libzmq drops the answer.
            let mut answer = Multipart::from(answer);
            while let Err(refused) = socket.send_frames(answer, 0) {
                // After half an answer there can be no other question.
                if refused.error != Error::EINTR {
                    break;
                }
                answer = refused.message;
            }
            self.state().question = None;
            self.done.notify_all();
        }
        self.state().keeper = None;
        // The context ends. Without this socket, libzmq would let peers in: all
        // others must have heard of the end before it goes.
        stopping.wait();
    }

    /// Judges, and has the decision written down.
    fn decide(&self, request: &Request) -> Result<Pass, Reason> {
        let judged = self.judge(request);
        let Some(log) = self.with(|policy| policy.log.clone()) else {
            return Err(Reason::Stopped);
        };
        let decided = decision(request, &judged);
        let is_logged = log.is_none_or(|log| log.call(|log| log(&decided)).is_some());
        #[cfg(feature = "tracing")]
        match decided.is_allowed() && is_logged {
            true => tracing::info!(target: "zmq::auth", "{decided}"),
            false => tracing::warn!(target: "zmq::auth", "{decided}"),
        }
        // What nobody could write down does not happen.
        match is_logged {
            true => judged,
            false => Err(Reason::LogPanicked),
        }
    }

    fn judge(&self, request: &Request) -> Result<Pass, Reason> {
        let mut answered = None::<(Function<Ask>, _)>;
        for _ in 0..MOST_FUNCTIONS {
            let judgement = self.with(|policy| policy.judge(request));
            let ask = match judgement.ok_or(Reason::Stopped)?? {
                Judgement::Welcome => return Ok(Pass::default()),
                Judgement::Ask(ask) => ask,
            };
            // The policy may have changed while the function was asked. It is still
            // the one to ask, and nothing else speaks against the peer now.
            if let Some((_, answer)) = answered.take_if(|(asked, _)| asked.is(&ask)) {
                return answer;
            }
            let (peer, claim, password) = (&request.peer, &request.claim, &request.password);
            let answer = ask.call(|ask| ask(peer, claim, password));
            answered = Some((ask, answer.unwrap_or(Err(Reason::FunctionPanicked))));
        }
        Err(Reason::NotNow("the policy does not stay the same".into()))
    }
}
