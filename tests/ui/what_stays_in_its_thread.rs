use std::rc::Rc;
use zmq::{Message, MonitorSocket, PollItem, Poller, Proxy, Ready, Socket, Timers};

fn send<T: Send>() {}
fn sync<T: Sync>() {}

struct Owner(Rc<[u8]>);
impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

fn main() {
    sync::<Socket>();
    sync::<MonitorSocket>();
    sync::<Poller<'_, ()>>();
    sync::<Timers<'_>>();
    send::<Poller<'_, ()>>();
    send::<PollItem<'_>>();
    send::<Ready<'_, Rc<()>>>();
    send::<Proxy<'_>>();
    send::<Timers<'_>>();
    Message::from_owner(Owner(Rc::from([1, 2])));
}
